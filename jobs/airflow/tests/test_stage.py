"""The operator, with a spark-submit that does as told."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import types
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from airflow.providers.apache.spark.hooks.spark_submit import SparkSubmitHook
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from cria_airflow import TRAINING
from cria_airflow.outcomes import StageFailed
from cria_airflow.stage import NOT_KNOWN, StageOperator

from tests import fakes


class HookStarted:
    """Within it the event is set once the hook has begun to read what spark-submit says."""

    def __enter__(self) -> threading.Event:
        event, reads = threading.Event(), SparkSubmitHook._process_spark_submit_log

        def told(hook: SparkSubmitHook, lines: Any) -> None:
            event.set()
            reads(hook, lines)

        self._patch = mock.patch.object(SparkSubmitHook, "_process_spark_submit_log", told)
        self._patch.start()
        return event

    def __exit__(self, *_: object) -> None:
        self._patch.stop()


class StageOperatorTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.dist = fakes.make_distribution(self.folder / "cria")
        self.run = self.folder / "run"

    def stage(
        self, then: str, environment: dict[str, str] | None = None, name: str = "generate", **params: Any
    ) -> tuple[StageOperator, fakes.FakeSpark]:
        """A task, rendered; its spark-submit runs ``then``."""
        spark = fakes.FakeSpark(self.folder / "spark", then)
        patch = mock.patch.dict(os.environ, {**spark.environment, **(environment or {})})
        patch.start()
        self.addCleanup(patch.stop)
        operator = StageOperator(task_id=name, stage=name, status_poll_interval=0)
        operator.render_template_fields(fakes.context(run=str(self.run), dist=str(self.dist), **params))
        return operator, spark

    def failure_of(self, operator: StageOperator) -> StageFailed:
        with self.assertRaises(StageFailed) as raised:
            operator.execute({})
        return raised.exception

    def test_spark_submit_is_given_jars_properties_and_the_stage(self) -> None:
        operator, spark = self.stage("exit 0", target=5, spark_conf={"spark.executor.cores": "2"})

        operator.execute({})

        given = spark.given()
        self.assertEqual(
            [f"{self.dist}/lib/cria.jar", "stage", "generate", "--run", str(self.run), "--target", "5"], given[-7:]
        )
        self.assertIn(f"{self.dist}/lib/app/a.jar,{self.dist}/lib/app/b.jar", given)
        self.assertIn("spark.speculation=false", given)
        self.assertIn("spark.executor.cores=2", given)
        self.assertEqual("io.cria.cli.Main", given[given.index("--class") + 1])
        self.assertEqual("client", given[given.index("--deploy-mode") + 1])

    def test_a_training_is_given_the_engine_as_files_beside_the_users(self) -> None:
        operator, spark = self.stage(
            "exit 0",
            name="train",
            sft_conf="/c/sft.yaml",
            training_spark_conf={"spark.executor.resource.gpu.amount": "1", "spark.files": "/u/x"},
        )
        fakes.write_training(self.run, "airflow")
        operator.outlets = [TRAINING]
        event = types.SimpleNamespace(extra={})

        operator.execute({"outlet_events": {TRAINING: event}})

        self.assertEqual((str(self.run), "airflow", 12), (event.extra["run"], event.extra["training"], event.extra["steps"]))
        given = spark.given()
        app = f"{self.dist}/lib/app/a.jar,{self.dist}/lib/app/b.jar"
        tokenizer = f"{self.dist}/lib/train/tokenizers-0.jar"
        self.assertEqual(["train", str(self.run), "--name", "airflow", "--sft-conf", "/c/sft.yaml"], given[-6:])
        self.assertEqual(f"{app},{tokenizer}", given[given.index("--jars") + 1])
        self.assertEqual(
            f"/u/x,{self.dist}/lib/cria.jar,{app},{self.dist}/lib/train/pytorch-2.jar,{tokenizer}",
            given[given.index("--files") + 1],
        )
        self.assertIn("spark.executor.resource.gpu.amount=1", given)
        self.assertIn(f'"-Dcria.train.classpath={self.dist}/lib/cria.jar:', " ".join(given))

    def test_a_training_that_left_nothing_is_not_told_of_and_not_tried_again(self) -> None:
        operator, _ = self.stage("exit 0", name="train", sft_conf="/c/sft.yaml")

        with self.assertRaisesRegex(AirflowFailException, "no _manifests/result.json"):
            operator.execute({})

    def test_without_a_fine_tuning_shards_and_training_are_skipped(self) -> None:
        for name in ("shards", "train"):
            with self.subTest(name):
                operator = StageOperator(task_id=name, stage=name)
                operator.render_template_fields(fakes.context(run=str(self.run), dist="/nowhere"))

                with self.assertRaisesRegex(AirflowSkipException, f"no sft_conf: {name}"):
                    operator.execute({})

    def test_moderation_is_skipped_unless_it_is_asked_for(self) -> None:
        operator = StageOperator(task_id="moderate", stage="moderate")
        operator.render_template_fields(fakes.context(run=str(self.run), dist="/nowhere"))

        with self.assertRaisesRegex(AirflowSkipException, "moderate is not asked for"):
            operator.execute({})

        operator, seen = self.stage("exit 0", name="moderate", moderate=True)
        self.assertEqual(["stage", "moderate", "--run", str(self.run)], operator.application_args)

    def test_a_training_that_failed_is_told_by_its_own_status(self) -> None:
        fakes.write_status(self.folder / "left", {"state": "stopped", "exit_code": 3, "reason": "asked", "updated_at": "t"})
        work = self.run / "training" / "airflow"
        operator, _ = self.stage(
            f"mkdir -p '{work}'; cp '{self.folder}/left/status.json' '{work}/'; exit 1", name="train", sft_conf="/c/sft.yaml"
        )

        failure = self.failure_of(operator)

        self.assertEqual(f"cria train, {self.run}: exit code 3: asked", str(failure))

    def test_options_of_the_users_for_the_driver_follow_crias(self) -> None:
        operator, _ = self.stage("exit 0", spark_conf={"spark.driver.extraJavaOptions": "-Xss4m"})

        options = operator.conf["spark.driver.extraJavaOptions"]

        self.assertTrue(options.startswith("-Dfile.encoding=UTF-8 "), options)
        self.assertIn('-Dcria.invocation=airflow-generate-', options)
        self.assertTrue(options.endswith(" -Xss4m"), options)

    def test_parameters_are_no_templates(self) -> None:
        operator, _ = self.stage("exit 0", model="{{ conn.spark_default.host }}")

        self.assertIn("{{ conn.spark_default.host }}", operator.application_args)

    def test_a_failure_has_the_reason_that_the_driver_left(self) -> None:
        self.run.mkdir()
        left = json.dumps({"invocation": "x", "exit_code": 4, "line": "cap reached", "text": "", "at": "t2"})
        operator, _ = self.stage(
            f"mkdir '{self.run}/_outcomes'; id=$(echo \"$*\" | sed 's/.*-Dcria.invocation=\\([^ ]*\\).*/\\1/')\n"
            f"echo '{left}' > '{self.run}/_outcomes/'$id.json; exit 4"
        )

        failure = self.failure_of(operator)

        self.assertEqual(4, failure.outcome.exit_code)
        self.assertEqual(f"cria stage generate, {self.run}: exit code 4: cap reached", str(failure))

    def test_the_status_of_an_earlier_invocation_says_nothing(self) -> None:
        fakes.write_status(self.run, fakes.status(4, "cap reached"))
        operator, _ = self.stage("echo 'cria: no key, OPENAI_API_KEY: export it'; exit 5")

        failure = self.failure_of(operator)

        self.assertEqual((5, "no key, OPENAI_API_KEY: export it"), (failure.outcome.exit_code, failure.outcome.reason))

    def test_a_driver_that_was_killed_leaves_a_run_at_work(self) -> None:
        fakes.write_status(self.run, fakes.status(-1, state="running"))
        operator, _ = self.stage("kill -9 $$")

        outcome = self.failure_of(operator).outcome

        self.assertIsNone(outcome.exit_code)
        self.assertTrue(outcome.is_at_work)

    def test_a_damaged_status_does_not_hide_the_failure(self) -> None:
        operator, _ = self.stage(f"mkdir -p '{self.run}'; echo '{{' > '{self.run}/status.json'; exit 2")

        self.assertEqual(2, self.failure_of(operator).outcome.exit_code)

    def test_a_task_that_is_killed_asks_its_driver_to_stop_and_lets_it_end(self) -> None:
        ready = self.folder / "ready"
        os.mkfifo(ready)
        operator, _ = self.stage(
            f"trap 'echo drained > {self.folder}/drained; exit 3' TERM; echo > {ready}; while :; do sleep 0.1; done"
        )
        failures: list[StageFailed] = []
        task = threading.Thread(target=lambda: failures.append(self.failure_of(operator)), daemon=True)
        with HookStarted() as started:
            task.start()
            started.wait()
            ready.read_text(encoding="utf-8")

        process = operator._hook._submit_sp  # type: ignore[union-attr]
        self.addCleanup(process.kill)
        self.assertNotEqual(os.getpgid(0), os.getpgid(process.pid), "a signal to the task's group would reach it")
        operator.on_kill()
        task.join()

        self.assertEqual("drained\n", (self.folder / "drained").read_text(encoding="utf-8"))
        self.assertEqual(3, failures[0].outcome.exit_code)

    def test_nothing_is_killed_before_anything_was_started(self) -> None:
        operator, spark = self.stage("exit 0")

        operator.on_kill()

        self.assertFalse(spark.arguments.exists())

    def test_without_an_installation_there_is_one_try(self) -> None:
        operator = StageOperator(task_id="generate", stage="generate")

        with self.assertRaisesRegex(AirflowFailException, "cria: no Cria in /nowhere"):
            operator.render_template_fields(fakes.context(run="/r", dist="/nowhere", deploy_mode="client"))

    def test_a_master_that_does_not_know_the_driver_has_it_submitted_again(self) -> None:
        operator, _ = self.stage("exit 0")
        unknown = RuntimeError("Spark REST API returned failure for driver-1: unknown error")

        with mock.patch.object(SparkSubmitOperator, "get_job_status", side_effect=unknown):
            self.assertEqual(NOT_KNOWN, operator.get_job_status("driver-1", {}))

        self.assertFalse(operator.is_job_active(NOT_KNOWN))

    def test_a_master_in_recovery_is_not_taken_for_one_that_knows_nothing(self) -> None:
        operator, _ = self.stage("exit 0")
        recovering = RuntimeError("Spark REST API returned failure for driver-1: state is not alive: RECOVERING")

        with mock.patch.object(SparkSubmitOperator, "get_job_status", side_effect=recovering):
            with self.assertRaises(RuntimeError):
                operator.get_job_status("driver-1", {})

    def test_a_driver_in_the_cluster_is_submitted_by_rest_and_its_id_kept(self) -> None:
        store = fakes.FakeStateStore()
        with fakes.FakeMaster("RUNNING", "FINISHED") as master:
            operator, spark = self.stage("echo submitted as driver-1-1", master.connection())
            master.finish = lambda: fakes.leave_words(self.run, operator.invocation, 0)

            operator.execute({"task_state_store": store})

        given = spark.given()
        self.assertEqual(f"spark://127.0.0.1:{master.port}", given[given.index("--master") + 1])
        self.assertIn("spark.master.rest.enabled=true", given)
        self.assertNotIn("waitAppCompletion", " ".join(given))
        self.assertEqual({"spark_job_id": "driver-1-1"}, store)
        self.assertEqual(["/v1/submissions/status/driver-1-1"] * 2, master.asked)

    def test_a_later_try_watches_the_driver_that_works(self) -> None:
        store = fakes.FakeStateStore(spark_job_id="driver-1-1")
        with fakes.FakeMaster("RUNNING", "RUNNING", "FINISHED") as master:
            operator, spark = self.stage("echo submitted as driver-2-2", master.connection())
            master.finish = lambda: fakes.leave_words(self.run, operator.invocation, 0)

            operator.execute({"task_state_store": store})

        self.assertFalse(spark.arguments.exists())

    def test_a_task_that_is_run_again_submits_a_driver_though_the_last_one_finished(self) -> None:
        store = fakes.FakeStateStore(spark_job_id="driver-1-1")
        with fakes.FakeMaster("FINISHED") as master:
            operator, spark = self.stage("echo submitted as driver-2-2", master.connection())
            master.finish = lambda: fakes.leave_words(self.run, operator.invocation, 0)

            operator.execute({"task_state_store": store})

        self.assertTrue(spark.arguments.exists())
        self.assertEqual({"spark_job_id": "driver-2-2"}, store)

    def failure_after_finish(self, exit_code: int | None) -> StageFailed:
        """Of a driver that the master calls finished."""
        with fakes.FakeMaster("FINISHED") as master:
            operator, _ = self.stage("echo submitted as driver-1-1", master.connection())
            if exit_code is not None:
                master.finish = lambda: fakes.leave_words(self.run, operator.invocation, exit_code)
            with self.assertRaises(StageFailed) as raised:
                operator.execute({"task_state_store": fakes.FakeStateStore()})
        return raised.exception

    def test_a_success_of_which_the_run_says_nothing_is_none(self) -> None:
        self.assertIsNone(self.failure_after_finish(None).outcome.exit_code)

    def test_a_success_that_the_run_calls_a_failure_is_one(self) -> None:
        self.assertEqual(4, self.failure_after_finish(4).outcome.exit_code)

    def test_a_driver_that_failed_in_the_cluster_is_told_by_what_it_left(self) -> None:
        fakes.write_status(self.run, fakes.status(5, "of an earlier try"))
        fakes.write_status(self.folder / "later", fakes.status(4, "cap reached", state="capped", at="t2"))
        with fakes.FakeMaster("RUNNING", "FAILED") as master:
            operator, _ = self.stage(
                f"cp '{self.folder}/later/status.json' '{self.run}/'; echo submitted as driver-1-1", master.connection()
            )

            failure = self.failure_of(operator)

        self.assertEqual((4, "cap reached"), (failure.outcome.exit_code, failure.outcome.reason))
