"""The DAGs: a line of stages that publishes a dataset and may tune a model on it, and the checks of what was published."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk import DAG, Asset, TriggerRule, chain, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from cria_airflow.publication import NotPublished, Publication, check
from cria_airflow.retries import StageRetryPolicy
from cria_airflow.settings import MODERATE, SHARDS, TRAIN, parameters, run_directory
from cria_airflow.stage import StageOperator

#: The datasets that lines publish; an event's extra tells which run's.
DATASET = Asset("cria_dataset")

#: What their trainings leave; an event's extra tells which run's, and the training's name.
TRAINING = Asset("cria_training")

#: What asks the endpoint.
ASKING = ("generate", "classify", "instances")
DATASET_STAGE = "dataset"
#: What tunes a model on the dataset, where the parameters name a fine-tuning.
TUNING = (SHARDS, TRAIN)
STAGES = (*ASKING, MODERATE, DATASET_STAGE, *TUNING)


def line(
    dag_id: str,
    *,
    stages: Sequence[str] = STAGES,
    schedule: Any = None,
    start_date: datetime.datetime = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc),
    end_date: datetime.datetime | None = None,
    defaults: Mapping[str, Any] | None = None,
    pool: str = "cria_llm",
    gpu_pool: str = "gpu",
    asset: Asset = DATASET,
    training_asset: Asset = TRAINING,
    retries: int = 5,
    retry_delay: datetime.timedelta = datetime.timedelta(minutes=5),
    retry_policy: StageRetryPolicy | None = None,
    submit: Mapping[str, Any] | None = None,
    training_submit: Mapping[str, Any] | None = None,
) -> DAG:
    """Generate, classify, instances, moderate, dataset, publish, shards, train: a task each, named as the scripts in jobs/.
    Moderation is skipped where the parameters do not ask for it, the last two where they name no fine-tuning.

    One DAG run at a time, because two would meet in one run's directory.

    :param stages: where not all of them; without dataset nothing is published
    :param schedule: as DAG takes it, like ``start_date`` and ``end_date``; then ``defaults`` must have ``run``
    :param defaults: of the parameters (:func:`cria_airflow.settings.parameters`)
    :param pool: of the tasks that ask the endpoint: one pool an endpoint
    :param gpu_pool: of the training: a slot a training that the cluster has room for
    :param asset: that ``publish`` makes an event of
    :param training_asset: that ``train`` makes an event of
    :param retries: after the first try, at most
    :param retry_delay: where the policy names none
    :param submit: further arguments of SparkSubmitOperator
    :param training_submit: those of the training, over these: another ``conn_id``, where GPUs are another cluster's
    """
    with DAG(
        dag_id,
        schedule=schedule,
        start_date=start_date,
        end_date=end_date,
        catchup=False,
        max_active_runs=1,
        params=parameters(defaults or {}),
        default_args={"retries": retries, "retry_delay": retry_delay},
        doc_md=__doc__,
        tags=["cria"],
    ) as dag:
        policy = retry_policy or StageRetryPolicy()

        def stage(name: str) -> StageOperator:
            further: dict[str, Any] = dict(submit or {})
            if name in ASKING:
                further = {"pool": pool, **further}
            elif name == DATASET_STAGE:
                # behind a moderation that was skipped as behind one that was done
                further = {"trigger_rule": TriggerRule.NONE_FAILED, **further}
            elif name == TRAIN:
                further = {"pool": gpu_pool, "outlets": [training_asset], **further, **(training_submit or {})}
            return StageOperator(task_id=name, stage=name, retry_policy=policy, **further)

        @task(outlets=[asset])
        def publish(*, outlet_events: Any) -> dict[str, Any]:
            """Makes the event of the asset. Its extra is what :class:`Publication` has."""
            context = get_current_context()
            try:
                extra = Publication.of(run_directory(context["params"], context["dag_run"])).extra()
            except NotPublished as refusal:
                raise AirflowFailException(f"cria: {refusal}") from refusal
            outlet_events[asset].extra = extra
            return extra

        tasks: list[Any] = [stage(name) for name in stages if name not in TUNING]
        if DATASET_STAGE in stages:
            tasks.append(publish())
        # what is tuned on is what was published
        chain(*tasks, *(stage(name) for name in stages if name in TUNING))
    return dag


def checks(dag_id: str, *, asset: Asset = DATASET) -> DAG:
    """Scheduled by a published dataset, or a finished training: reads all of its files and compares them with what was
    told. What another program does with them belongs behind it.
    """
    with DAG(dag_id, schedule=[asset], catchup=False, doc_md=checks.__doc__, tags=["cria"]) as dag:

        @task
        def check_files(*, triggering_asset_events: Any) -> list[dict[str, Any]]:
            """The extras of the events, each found true."""
            events = triggering_asset_events[asset]
            if not events:
                raise AirflowFailException("cria: nothing was published: this DAG is for the asset's events")
            for event in events:
                try:
                    print(f"cria: {event.extra['run']}: as published, rows: {check(event.extra)}")
                except NotPublished as refusal:
                    raise AirflowFailException(f"cria: {refusal}") from refusal
            return [dict(event.extra) for event in events]

        check_files()
    return dag
