"""The DAGs, what they publish and what they check."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import cria_check_dag
import cria_dag
from airflow.serialization.serialized_objects import DagSerialization
from cria_airflow import DATASET, TRAINING, StageRetryPolicy, line
from cria_airflow.publication import NotPublished, Publication, TrainingPublication, check

from tests import fakes

JOBS = Path(__file__).resolve().parents[2]


class LineTest(unittest.TestCase):
    def test_its_tasks_are_the_scripts_in_jobs_in_their_order_and_publish_behind_the_dataset(self) -> None:
        scripts = [path.stem.split("-", 1)[1] for path in sorted(JOBS.glob("[0-9]*-*.sh"))]

        tasks = [task.task_id for task in cria_dag.dag.topological_sort()]

        self.assertEqual(scripts, [name for name in tasks if name != "publish"])
        self.assertEqual(["generate", "classify", "instances", "moderate", "dataset", "publish", "shards", "train"], tasks)

    def test_the_dataset_is_written_behind_a_moderation_that_is_skipped(self) -> None:
        rules = {task.task_id: task.trigger_rule for task in cria_dag.dag.tasks}

        self.assertEqual("none_failed", rules["dataset"])
        self.assertEqual({"all_success"}, {rule for name, rule in rules.items() if name != "dataset"})

    def test_what_asks_the_endpoint_waits_in_its_pool(self) -> None:
        dag = line("other", pool="vllm")

        pools = {task.task_id: task.pool for task in dag.tasks}

        self.assertEqual({"vllm"}, {pools[name] for name in ("generate", "classify", "instances")})
        self.assertEqual({"default_pool"}, {pools[name] for name in ("dataset", "publish", "shards")})
        self.assertEqual("gpu", pools["train"])

    def test_the_training_may_have_a_cluster_of_its_own(self) -> None:
        dag = line("other", gpu_pool="cards", submit={"conn_id": "cpus"}, training_submit={"conn_id": "gpus"})

        train, shards = dag.get_task("train"), dag.get_task("shards")

        self.assertEqual(("cards", "gpus"), (train.pool, train._conn_id))
        self.assertEqual("cpus", shards._conn_id)

    def test_every_stage_has_the_policy_and_is_durable(self) -> None:
        for task in cria_dag.dag.tasks:
            if task.task_id != "publish":
                with self.subTest(task.task_id):
                    self.assertIsInstance(task.retry_policy, StageRetryPolicy)
                    self.assertTrue(task.durable)

    def test_the_check_is_scheduled_by_what_the_line_publishes(self) -> None:
        self.assertEqual([DATASET], cria_dag.dag.get_task("publish").outlets)
        self.assertIn(DATASET.name, str(DagSerialization.serialize_dag(cria_check_dag.dag)["timetable"]))
        self.assertEqual([TRAINING], cria_dag.dag.get_task("train").outlets)
        self.assertIn(TRAINING.name, str(DagSerialization.serialize_dag(cria_check_dag.training_dag)["timetable"]))

    def test_all_can_be_serialized(self) -> None:
        for dag in (cria_dag.dag, cria_check_dag.dag, cria_check_dag.training_dag):
            with self.subTest(dag.dag_id):
                again = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
                self.assertEqual(dag.dag_id, again.dag_id)

    def test_a_line_may_do_without_stages(self) -> None:
        self.assertEqual(["generate"], [task.task_id for task in line("first", stages=["generate"]).tasks])


class PublicationTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.run = Path(folder.name)

    def test_it_has_rows_usd_manifest_and_identity(self) -> None:
        fakes.write_dataset(self.run)

        extra = Publication.of(str(self.run)).extra()

        manifest = extra.pop("manifest")
        self.assertRegex(manifest, "^[0-9a-f]{64}$")
        spent = {"usd": 0.25, "unpriced": 3}
        self.assertEqual(
            {"run": str(self.run), "rows": 7, **spent, "identity": "cafe", "model": "scripted"}, extra
        )
        self.assertEqual({"dataset/parquet/part-00000.parquet": 7}, check({**extra, "manifest": manifest}))

    def test_a_run_that_is_not_done_is_not_published(self) -> None:
        for fields in (
            fakes.status(-1, state="running"),
            fakes.status(4, state="capped"),
            fakes.status(0, state="done", shortfall=[{"stage": "generate", "reason": "cap"}]),
        ):
            with self.subTest(fields["state"]):
                fakes.write_dataset(self.run)
                fakes.write_status(self.run, fields)

                with self.assertRaisesRegex(NotPublished, "run its stages to the end"):
                    Publication.of(str(self.run))

    def test_a_directory_without_a_run_is_not_published(self) -> None:
        with self.assertRaisesRegex(NotPublished, "not begun"):
            Publication.of(str(self.run))

    def test_a_dataset_that_was_made_anew_is_found(self) -> None:
        fakes.write_dataset(self.run)
        extra = Publication.of(str(self.run)).extra()
        fakes.write_dataset(self.run, rows=8)

        with self.assertRaisesRegex(NotPublished, "made anew"):
            check(extra)

    def test_a_file_with_other_bytes_is_found_and_named(self) -> None:
        fakes.write_dataset(self.run)
        extra = Publication.of(str(self.run)).extra()
        (self.run / "dataset" / "README.md").write_text("changed", encoding="utf-8")

        with self.assertRaisesRegex(NotPublished, r"dataset/README\.md: not the bytes that were published"):
            check(extra)

    def test_a_training_is_told_by_its_steps_and_its_files_are_checked(self) -> None:
        fakes.write_training(self.run, "first")
        extra = TrainingPublication.of(str(self.run), "first").extra()

        self.assertEqual(
            {"run": str(self.run), "training": "first", "steps": 12},
            {key: value for key, value in extra.items() if key != "manifest"},
        )
        self.assertEqual({}, check(extra))
        fakes.write_training(self.run, "first", steps=13)
        with self.assertRaisesRegex(NotPublished, "training/first: it was made anew"):
            check(extra)
        with self.assertRaisesRegex(NotPublished, "training/second: no _manifests/result.json"):
            TrainingPublication.of(str(self.run), "second")
