"""The DAGs of scripts/test-airflow: as jobs/airflow makes them, with delays of seconds."""

from __future__ import annotations

import datetime
from typing import Any

from cria_airflow import StageRetryPolicy, checks, line

SOON = datetime.timedelta(seconds=3)


def tried(dag_id: str, **more: Any) -> Any:
    """A line whose tries follow one another within seconds."""
    policy = StageRetryPolicy(stopped=SOON, endpoint=SOON, out_of_sight=SOON)
    submit = {"status_poll_interval": 1, **more.pop("submit", {})}
    return line(dag_id, retries=20, retry_delay=SOON, retry_policy=policy, submit=submit, **more)


whole = tried("whole", stages=("generate", "instances", "dataset"))
tuned = tried("tuned", stages=("generate", "instances", "dataset", "shards", "train"))
daily = tried(
    "daily",
    stages=("generate", "instances", "dataset"),
    schedule="@daily",
    # for backfills alone
    end_date=datetime.datetime(2026, 3, 31, tzinfo=datetime.timezone.utc),
    defaults={"run": "/to/be/said/{date}"},
)
first = tried("first", stages=("generate",))
# the connection goes through a gate that the test shuts
gated = tried("gated", stages=("generate",), submit={"conn_id": "gated"})
whole_check = checks("whole_check")
