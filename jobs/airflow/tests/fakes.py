"""Runs on disk, a distribution, and a spark-submit that does as told."""

from __future__ import annotations

import datetime
import hashlib
import http.server
import json
import os
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cria_airflow.settings import parameters


def make_distribution(folder: Path, lib: str = "lib", lists: str = "lib") -> Path:
    """An installation with empty jars."""
    training = [folder / lists / "train" / f"{name}.jar" for name in ("pytorch-2", "tokenizers-0")]
    apart = [] if lib == lists else training
    for name in (f"{lib}/cria.jar", f"{lists}/app/b.jar", f"{lists}/app/a.jar", f"{lists}/s3/hadoop-aws.jar"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    if apart:
        # a checkout has a list of jars that lie elsewhere
        (folder / lists / "train.txt").write_text(":".join(str(jar) for jar in apart), encoding="utf-8")
    else:
        training[0].parent.mkdir()
        for jar in training:
            jar.touch()
    return folder


def status(exit_code: int, reason: str = "", *, state: str = "failed", at: str = "t1", **more: Any) -> dict[str, Any]:
    """What a driver leaves in status.json."""
    return {
        "state": state,
        "exit_code": exit_code,
        "reason": reason,
        "stage": "generate",
        "updated_at": at,
        "counts": {},
        "spend": {"usd": 0.25, "unpriced": 3},
        "shortfall": [],
        **more,
    }


def write_status(run: Path, fields: dict[str, Any]) -> None:
    run.mkdir(parents=True, exist_ok=True)
    (run / "status.json").write_text(json.dumps(fields), encoding="utf-8")


def write_dataset(run: Path, rows: int = 7) -> None:
    """A run that is done, with a dataset of two files."""
    write_status(run, status(0, state="done"))
    (run / "run.json").write_text(
        json.dumps({"identity_hash": "cafe", "identity": {"model": "scripted"}}), encoding="utf-8"
    )
    files = []
    for name, has in (("dataset/parquet/part-00000.parquet", rows), ("dataset/README.md", -1)):
        path = run / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = f"{name} of {rows}".encode()
        path.write_bytes(content)
        files.append({"name": name, "rows": has, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    (run / "dataset" / "_manifest.json").write_text(
        json.dumps({"identity": "cafe", "files": files}), encoding="utf-8"
    )


def write_training(run: Path, name: str, steps: int = 12) -> None:
    """What a finished training leaves."""
    work = run / "training" / name
    content = f"adapter of {steps}".encode()
    file = {"name": "adapter/adapter_model.safetensors", "rows": -1, "bytes": len(content)}
    for path, written in (
        (file["name"], content),
        (
            "_manifests/result.json",
            json.dumps(
                {"files": [{**file, "sha256": hashlib.sha256(content).hexdigest()}], "counts": {"steps": steps}}
            ).encode(),
        ),
    ):
        (work / str(path)).parent.mkdir(parents=True, exist_ok=True)
        (work / str(path)).write_bytes(written)


def leave_words(run: Path, invocation: str, exit_code: int) -> None:
    """What a driver of that name leaves at its end, at another time at each call."""
    outcomes = run / "_outcomes"
    outcomes.mkdir(parents=True, exist_ok=True)
    file = outcomes / f"{invocation}.json"
    before = json.loads(file.read_text(encoding="utf-8"))["at"] if file.exists() else "t"
    words = {"invocation": invocation, "exit_code": exit_code, "line": "", "text": "Done\n", "at": before + "1"}
    file.write_text(json.dumps(words), encoding="utf-8")


class FakeMaster:
    """The REST server of a standalone master, on loopback, at ``port``: tells one state of a driver after the other, and
    the last for ever.

    :ivar finish: done before a driver is told of as finished
    """

    def __init__(self, *states: str) -> None:
        master, left = self, list(states)
        self.asked: list[str] = []
        self.finish: Callable[[], None] = lambda: None

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                master.asked.append(self.path)
                state = left.pop(0) if len(left) > 1 else left[0]
                if state == "FINISHED":
                    master.finish()
                driver = self.path.rsplit("/", 1)[1]
                # a line each, as Spark writes it
                body = json.dumps({"driverState": state, "submissionId": driver, "success": True}, indent=2)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body.replace('":', '" :').encode())

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]

    def __enter__(self) -> FakeMaster:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def connection(self) -> dict[str, str]:
        """For the environment."""
        extra = {"deploy-mode": "cluster", "rest-port": str(self.port)}
        spark = {"conn_type": "spark", "host": "spark://127.0.0.1", "port": 7077, "extra": extra}
        return {"AIRFLOW_CONN_SPARK_DEFAULT": json.dumps(spark)}


class FakeStateStore(dict[str, Any]):
    """What a task keeps from one try to the next."""

    def set(self, key: str, value: Any) -> None:
        self[key] = value


class FakeSpark:
    """A spark-submit on the PATH that notes its arguments and then runs a piece of shell.

    :ivar arguments: the file with what it was given, a line each
    """

    def __init__(self, folder: Path, then: str) -> None:
        self.arguments = folder / "arguments"
        binary = folder / "bin" / "spark-submit"
        binary.parent.mkdir(parents=True)
        binary.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > '{self.arguments}'\n{then}\n", encoding="utf-8")
        binary.chmod(0o755)
        self.environment = {
            "PATH": f"{binary.parent}{os.pathsep}{os.environ['PATH']}",
            "AIRFLOW_CONN_SPARK_DEFAULT": json.dumps({"conn_type": "spark", "host": "local[1]"}),
        }

    def given(self) -> list[str]:
        return self.arguments.read_text(encoding="utf-8").splitlines()


def context(**values: Any) -> dict[str, Any]:
    """What a task of a DAG run has, with values of parameters over their defaults."""
    params = {name: param.value for name, param in parameters({"run": "/runs/r"}).items()}
    day = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
    dag_run = types.SimpleNamespace(dag_id="cria", run_id="manual__1", logical_date=day, run_after=day)
    return {"params": {**params, **values}, "dag_run": dag_run}
