"""Parameters, the command line they come to, and where Cria lies."""

from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from airflow.sdk.exceptions import ParamValidationError
from cria_airflow.distribution import Distribution
from cria_airflow.settings import (
    StageCommand,
    command_of,
    distribution_folder,
    parameters,
    run_directory,
    spark_properties,
)

from tests import fakes


class SettingsTest(unittest.TestCase):
    def test_the_command_line_has_what_was_given_and_the_cap_last(self) -> None:
        params = fakes.context(
            conf="conf/alpaca.yaml",
            target=300,
            cap_usd=2.5,
            model="m",
            base_url="http://127.0.0.1:1/v1",
            settings=["caps.usd=9", "rounds.seed=7"],
        )["params"]

        self.assertEqual(
            "stage generate --run /r --conf conf/alpaca.yaml --target 300 --model m --base-url http://127.0.0.1:1/v1"
            " --set caps.usd=9 --set rounds.seed=7 --set caps.usd=2.5".split(),
            StageCommand.of("generate", "/r", params).arguments(),
        )

    def test_what_was_not_given_is_not_said(self) -> None:
        command = StageCommand.of("dataset", "/r", fakes.context()["params"])

        self.assertEqual(["stage", "dataset", "--run", "/r"], command.arguments())

    def test_the_shards_alone_are_told_which_model_is_tuned(self) -> None:
        params = fakes.context(sft_conf="/c/sft.yaml", base="s3a://b/base")["params"]

        self.assertEqual(
            "stage shards --run /r --sft-conf /c/sft.yaml --base s3a://b/base".split(),
            command_of("shards", "/r", params).arguments(),
        )
        self.assertEqual("stage dataset --run /r".split(), command_of("dataset", "/r", params).arguments())

    def test_a_training_has_its_run_first_and_its_own_settings_and_status(self) -> None:
        params = fakes.context(
            sft_conf="conf/sft-alpaca.yaml",
            base="/models/b",
            training="first",
            training_settings=["training.epochs=1"],
            settings=["rounds.seed=7"],
        )["params"]

        command = command_of("train", "/r", params)

        self.assertEqual(
            "train /r --name first --sft-conf conf/sft-alpaca.yaml --base /models/b --set training.epochs=1".split(),
            command.arguments(),
        )
        self.assertEqual("/r/training/first", command.work)

    def test_properties_of_the_training_are_over_those_of_all_tasks(self) -> None:
        params = fakes.context(spark_conf={"a": "1", "b": "2"}, training_spark_conf={"b": "3"})["params"]

        self.assertEqual({"a": "1", "b": "3"}, spark_properties("train", params))
        self.assertEqual({"a": "1", "b": "2"}, spark_properties("shards", params))

    def test_the_day_of_the_dag_run_stands_in_the_run_directory(self) -> None:
        context = fakes.context(run="s3a://b/{date}/r")

        self.assertEqual("s3a://b/2026-03-01/r", run_directory(context["params"], context["dag_run"]))

    def test_values_of_the_wrong_kind_are_refused(self) -> None:
        for name, value in {
            "run": "runs/relative",
            "target": 0,
            "cap_usd": 0,
            "base_url": "127.0.0.1",
            "settings": ["no value"],
            "sft_conf": 7,
            "base": "models/relative",
            "training": "../up",
            "training_settings": ["no value"],
            "training_spark_conf": {"spark.executor.cores": 2},
            "deploy_mode": "local",
            "spark_conf": {"spark.executor.cores": 2},
            "dist": "here",
        }.items():
            with self.subTest(name), self.assertRaises(ParamValidationError):
                parameters({"run": "/r", name: value})[name].resolve()

    def test_a_default_of_no_parameter_is_an_error_that_names_those_known(self) -> None:
        with self.assertRaisesRegex(KeyError, "no such parameter, cap: run, conf"):
            parameters({"cap": 1})


class DistributionTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_an_unpacked_distribution_and_a_built_checkout_are_found(self) -> None:
        for name, lib, lists in (("unpacked", "lib", "lib"), ("checkout", "target", "target/classpath")):
            with self.subTest(name):
                home = fakes.make_distribution(self.folder / name, lib, lists)

                found = Distribution.at(home)

                self.assertEqual(home / lib / "cria.jar", found.application)
                self.assertEqual(f"{home / lists}/app/a.jar,{home / lists}/app/b.jar", found.jars_for("/r"))
                self.assertTrue(found.jars_for("s3a://b/r").endswith("/s3/hadoop-aws.jar"))
                tokenizer = f"{home / lists}/train/tokenizers-0.jar"
                self.assertEqual(f"{found.jars_for('/r')},{tokenizer}", found.jars_for("/r", "shards"))
                self.assertEqual(
                    f"{home / lib}/cria.jar:{home / lists}/app/a.jar:{home / lists}/app/b.jar"
                    f":{home / lists}/train/pytorch-2.jar:{tokenizer}",
                    found.engine(":"),
                )

    def test_a_folder_without_jars_is_refused_with_what_to_name(self) -> None:
        with self.assertRaisesRegex(FileNotFoundError, "name the folder of an unpacked distribution"):
            Distribution.at(self.folder)

    def test_the_parameter_wins_over_variable_and_environment(self) -> None:
        with mock.patch.dict(os.environ, {"CRIA_DIST": "/e"}):
            self.assertEqual("/e", distribution_folder({"dist": None}))
            with mock.patch.dict(os.environ, {"AIRFLOW_VAR_CRIA_DIST": "/v"}):
                self.assertEqual("/v", distribution_folder({"dist": None}))
                self.assertEqual("/p", distribution_folder({"dist": "/p"}))

    def test_nothing_that_says_where_it_lies_is_an_error(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "CRIA_DIST"}
        with mock.patch.dict(os.environ, environment, clear=True):
            with self.assertRaisesRegex(FileNotFoundError, "set the parameter dist"):
                distribution_folder({"dist": None})
