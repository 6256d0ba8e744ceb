"""Runs on the cluster that scripts/cluster brings up, for the cases of scripts/test-cluster."""

import json
import subprocess

from at_work import HOME, Launched, ModelServer, processes, until

WORK = HOME / "target/test-cluster"
CLUSTER = WORK / "cluster"
IN_FLIGHT = 4
TARGETS = {"self-instruct": 120, "alpaca": 120, "quickstart": 12}
EXECUTOR = "CoarseGrainedExecutorBackend"


def cluster(*arguments):
    subprocess.run([HOME / "scripts/cluster", *arguments, "--dir", CLUSTER], check=True, stdout=subprocess.DEVNULL)


def addresses():
    """What `scripts/cluster env` exports, by name."""
    lines = (CLUSTER / "env").read_text().splitlines()
    return dict(word.split("=", 1) for line in lines for word in line.removeprefix("export ").split())


def spark_args(mode, *more):
    return " ".join([
        f"--master {addresses()['CRIA_CLUSTER_MASTER']} --deploy-mode {mode}",
        "--executor-memory 1g --conf spark.executor.cores=1 --conf spark.cores.max=2",
        f"--conf spark.eventLog.enabled=true --conf spark.eventLog.dir=file:{CLUSTER}/events",
        "--conf spark.eventLog.compress=false --conf spark.ui.port=0", *more,
    ])


def settings(recipe, server):
    return [
        "--model", "scripted", "--base-url", server.url, "--target", TARGETS[recipe],
        "--set", f"limits.inFlight={IN_FLIGHT}",
    ]


def run(name, recipe, server, args, *more, environment=None):
    """cria run of a recipe, begun; the run lies in WORK/name."""
    return Launched(
        WORK / f"{name}.log", "run", HOME / f"conf/{recipe}.yaml", "--run", WORK / name, "--yes",
        *settings(recipe, server), *more, spark_args=args, environment=environment,
    )


def reference(recipe):
    """A run of the recipe in this process's own Spark, made once."""
    name = f"local-{recipe}"
    if not (WORK / name).exists():
        with ModelServer() as server:
            run(name, recipe, server, "--master local[2]").ended()
    return WORK / name


def status(name):
    file = WORK / name / "status.json"
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError):
        return {}


def executors():
    return until("executors", lambda: processes(EXECUTOR, CLUSTER / "work"))
