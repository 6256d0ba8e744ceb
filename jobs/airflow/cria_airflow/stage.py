"""One stage of a run as an Airflow task.

Knows some of the inner parts of the provider's hook, as they are in 6.3.4: its process, its connection, what it has read.
The tests beside this package fail where another version has them otherwise.
"""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.providers.apache.spark.hooks.spark_submit import SparkSubmitHook
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from cria_airflow.distribution import MAIN_CLASS, Distribution
from cria_airflow.outcomes import LastWords, Outcome, Sight, StageFailed, submitted_code
from cria_airflow.publication import NotPublished, TrainingPublication
from cria_airflow.settings import (
    TRAIN,
    StageCommand,
    TrainCommand,
    command_of,
    distribution_folder,
    reason_to_skip,
    run_directory,
    spark_properties,
)

if TYPE_CHECKING:
    import jinja2
    from airflow.sdk import Context

CLIENT = "client"
NOT_KNOWN = "NOT_KNOWN"
PORT = re.compile(r":\d+")


class StageOperator(SparkSubmitOperator):
    """``cria stage NAME``, or ``cria train``, by spark-submit, with what the DAG's parameters say
    (:mod:`cria_airflow.settings`). What the parameters do not ask for is skipped.

    In cluster mode the provider keeps the driver's id, and a later try goes on watching that driver while it runs; to a
    standalone master it is submitted by REST, at the port that the connection's extra ``rest-port`` names (6066). In
    client mode the driver is a process beside the task; a task that is killed asks it to stop, so that it keeps the
    answers that are on their way. A try that fails raises :class:`~cria_airflow.outcomes.StageFailed`.

    :param stage: generate, classify, instances, moderate, dataset, shards or train
    :param submit: further arguments of SparkSubmitOperator
    """

    def __init__(self, *, stage: str, conn_id: str = "spark_default", **submit: Any) -> None:
        super().__init__(
            conn_id=conn_id,
            java_class=MAIN_CLASS,
            name=f"cria {stage}",
            **{"status_poll_interval": 5, **submit},
        )
        self.stage = stage
        self.run_directory = ""
        self.command: StageCommand | TrainCommand | None = None
        self.skipped: str | None = None
        self.invocation = ""
        self.mode: str | None = None

    def render_template_fields(self, context: Context, jinja_env: jinja2.Environment | None = None) -> None:
        """Fills in the command line, which Airflow then shows with the task. Parameters are no templates: whoever may
        start a DAG run would read Airflow's secrets through them.
        """
        super().render_template_fields(context, jinja_env)
        params = context["params"]
        self.skipped = reason_to_skip(self.stage, params)
        if self.skipped:
            return
        try:
            distribution = Distribution.at(distribution_folder(params))
        except FileNotFoundError as missing:
            raise AirflowFailException(f"cria: {missing}") from missing
        self.run_directory = run_directory(params, context["dag_run"])
        self.application = str(distribution.application)
        self.jars = distribution.jars_for(self.run_directory, self.stage)
        self.command = command_of(self.stage, self.run_directory, params)
        self.application_args = self.command.arguments()
        self.mode = params["deploy_mode"] or self._connected_mode()
        self._deploy_mode = self.mode
        self.invocation = invocation_of(context["dag_run"], self.stage)
        wanted = spark_properties(self.stage, params)
        if self.stage == TRAIN:
            self.files = ",".join(filter(None, (wanted.pop("spark.files", ""), distribution.engine(","))))
        self.conf = self._properties(distribution, wanted)

    def execute(self, context: Context) -> None:
        if self.skipped:
            raise AirflowSkipException(f"cria: {self.skipped}")
        before = self._sight()
        try:
            super().execute(context)
        except AirflowFailException:
            raise
        except Exception as failure:
            raise StageFailed(str(self.command), self.run_directory, self._outcome(failure, before)) from failure
        if self.mode != CLIENT:
            self.log.info("%s", self._success(before).text)
        if isinstance(self.command, TrainCommand):
            self._tell_training(self.command, context)

    def _tell_training(self, command: TrainCommand, context: Context) -> None:
        """Gives the events of the task's assets what the training has left."""
        try:
            extra = TrainingPublication.of(command.run, command.name).extra()
        except NotPublished as refusal:
            raise AirflowFailException(f"cria: {refusal}") from refusal
        for asset in self.outlets:
            context["outlet_events"][asset].extra = extra

    def _sight(self) -> Sight:
        work = self.run_directory if self.command is None else self.command.work
        return Sight.of(self.run_directory, work, self.invocation)

    def _success(self, before: Sight) -> LastWords:
        """What the driver left that ended well. Some masters call every driver a success, whatever its exit code."""
        words = self._sight().new_words(before)
        if words is None or words.exit_code != 0:
            unproved = AirflowException("spark-submit tells of a success, the run's directory does not")
            raise StageFailed(str(self.command), self.run_directory, self._outcome(unproved, before))
        return words

    def get_job_status(self, external_id: Any, context: Context) -> str:
        """As the master knows it. One that was started anew does not know the driver: then it is submitted again, and
        refused by the run's lock if the other is alive nevertheless.
        """
        try:
            return super().get_job_status(external_id, context)
        except RuntimeError as failure:
            if "unknown error" not in str(failure):
                raise
            self.log.warning("The master does not know driver %s", external_id)
            return NOT_KNOWN

    def is_job_succeeded(self, status: str) -> bool:
        """Never without asking the run's directory: a task that was cleared is run again, and where nothing is to be
        done its driver sees so in seconds.
        """
        return False

    def on_kill(self) -> None:
        """Asks a driver beside this task to stop, and has the cluster end another."""
        if self._hook is None:
            return
        process = self._hook._submit_sp
        if self.mode == CLIENT and process is not None and process.poll() is None:
            self.log.info("cria: asking the driver, process %s, to stop: it keeps what is on its way", process.pid)
            process.terminate()
        else:
            super().on_kill()

    def _get_hook(self) -> SparkSubmitHook:
        hook = super()._get_hook()
        if self.mode == CLIENT:
            # a session of its own: Airflow kills the whole process group of a task 5 s after it asked it to end
            hook.submit = partial(hook.submit, start_new_session=True)
        elif hook._should_track_driver_status:
            # the master's own port is sent the whole environment of this worker, Airflow's secrets in it; REST is not
            connection = hook._connection
            connection["master"] = PORT.sub(f":{connection['rest_port']}", connection["master"])
            hook._conf["spark.master.rest.enabled"] = "true"
        return hook

    def _connected_mode(self) -> str:
        return BaseHook.get_connection(self._conn_id).extra_dejson.get("deploy-mode") or CLIENT

    def _properties(self, distribution: Distribution, wanted: dict[str, str]) -> dict[str, str]:
        """Spark's properties: Cria's own, then those wanted, which are added to where both say something."""
        options = ["-Dfile.encoding=UTF-8", f"-Dcria.invocation={self.invocation}"]
        log = distribution.home / "conf" / "log4j2.properties"
        if self.mode == CLIENT and log.is_file():
            options.append(f'"-Dlog4j2.configurationFile={log.as_uri()}"')
        if self.mode == CLIENT and self.stage == TRAIN:
            options.append(f'"-Dcria.train.classpath={distribution.engine(":")}"')
        given = wanted.get("spark.driver.extraJavaOptions")
        # a copy of a paid task would pay again
        properties = {"spark.speculation": "false", **wanted}
        properties["spark.driver.extraJavaOptions"] = " ".join(options + ([given] if given else []))
        return properties

    def _outcome(self, failure: Exception, before: Sight) -> Outcome:
        try:
            after = self._sight()
        except Exception as unread:
            # the failure is what is to be told; without a word from the run it is retried as Airflow does by itself
            self.log.warning("cria: %s: how it ended cannot be read: %s", self.run_directory, unread)
            after = before
        return Outcome.of(
            failure,
            submitted_code(failure) if self.mode == CLIENT else None,
            self._hook._last_submit_log_lines if self._hook is not None else (),
            after.new_words(before),
            after.new_status(before, self.invocation),
            is_at_work=after.is_at_work(),
        )


def invocation_of(dag_run: Any, stage: str) -> str:
    """A name for all drivers of one task of one DAG run, as Cria takes it."""
    digest = hashlib.sha256(f"{dag_run.dag_id}\n{dag_run.run_id}".encode()).hexdigest()
    return f"airflow-{stage}-{digest[:24]}"
