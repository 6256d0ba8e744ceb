"""Which failures of a stage are worth another try."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import RetryDecision, RetryPolicy

from cria_airflow.outcomes import STOPPED, StageFailed

if TYPE_CHECKING:
    from airflow.sdk import Context

#: Bad input, a cap, a run that refuses: the same try would end the same way.
HOPELESS = frozenset({2, 4, 6})
ENDPOINT = 5


class StageRetryPolicy(RetryPolicy):
    """Decides by Cria's exit code, which :class:`~cria_airflow.outcomes.StageFailed` carries.

    2 (bad input), 4 (a cap) and 6 (locked, another configuration, corrupt) fail at once; 3 (stopped) and 5 (endpoint,
    credentials, quota) are tried again after a while, and so is a run whose driver was killed or is out of sight. All
    else, a fault of Cria (1) among it, is left to the task's own ``retries`` and ``retry_delay``, which bound every
    retry.

    :param stopped: until the next try of a run that was asked to stop
    :param endpoint: until the next try after a failure of the endpoint, which Cria itself has already waited for
        (``limits.outageSeconds``)
    :param out_of_sight: until the next look for a driver. Longer than 60 s, after which the lock of a killed one is
        taken over
    """

    def __init__(
        self,
        stopped: timedelta = timedelta(minutes=1),
        endpoint: timedelta = timedelta(minutes=10),
        out_of_sight: timedelta = timedelta(seconds=90),
    ) -> None:
        self.stopped = stopped
        self.endpoint = endpoint
        self.out_of_sight = out_of_sight

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        if not isinstance(exception, StageFailed):
            return RetryDecision.default()
        outcome, reason = exception.outcome, str(exception)
        if outcome.exit_code in HOPELESS:
            return RetryDecision.fail(reason=reason)
        if outcome.exit_code == STOPPED:
            return RetryDecision.retry(delay=self.stopped, reason=reason)
        if outcome.exit_code == ENDPOINT:
            return RetryDecision.retry(delay=self.endpoint, reason=reason)
        if outcome.is_at_work:
            return RetryDecision.retry(delay=self.out_of_sight, reason=reason)
        return RetryDecision.default()

    def serialize(self) -> dict[str, Any]:
        return {
            "__type": "StageRetryPolicy",
            "stopped": self.stopped.total_seconds(),
            "endpoint": self.endpoint.total_seconds(),
            "out_of_sight": self.out_of_sight.total_seconds(),
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> StageRetryPolicy:
        return cls(
            stopped=timedelta(seconds=data["stopped"]),
            endpoint=timedelta(seconds=data["endpoint"]),
            out_of_sight=timedelta(seconds=data["out_of_sight"]),
        )
