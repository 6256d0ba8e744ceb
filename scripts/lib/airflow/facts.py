"""What Airflow's database says, for scripts/test-airflow.

facts.py DATABASE tasks DAG           every task of the DAG's last run: NAME STATE TRIES, a line each
facts.py DATABASE runs DAG            the states of its runs, a line each
facts.py DATABASE extra RUN           the extra of the last event of the asset for that run directory, as JSON
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator


def tasks(database: sqlite3.Connection, dag: str) -> Iterator[str]:
    rows = database.execute(
        "select task_id, state, try_number from task_instance where dag_id = ? and run_id ="
        " (select run_id from dag_run where dag_id = ? order by id desc limit 1) order by start_date is null, start_date",
        (dag, dag),
    )
    for task, state, tries in rows:
        yield f"{task} {state} {tries}"


def runs(database: sqlite3.Connection, dag: str) -> Iterator[str]:
    for (state,) in database.execute("select state from dag_run where dag_id = ? order by id", (dag,)):
        yield state


def extra(database: sqlite3.Connection, run: str) -> Iterator[str]:
    events = [json.loads(row[0]) for row in database.execute("select extra from asset_event order by id")]
    of_run = [event for event in events if event.get("run") == run]
    if of_run:
        yield json.dumps(of_run[-1])


def main() -> None:
    path, what, name = sys.argv[1:]
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
    for line in {"tasks": tasks, "runs": runs, "extra": extra}[what](database, name):
        print(line)


if __name__ == "__main__":
    main()
