"""The trainings of scripts/test-cluster: ranks in processes of their own on two workers with a fake GPU each.

All learn the same from the shards of one run: what one process learns is compared step by step, and what a disturbed
training leaves is compared with an undisturbed one's, to the byte.
"""

import json
import subprocess
import time
import urllib.error
import urllib.request

import tiny_base
from at_work import HOME, Failed, Launched, descendants, kill, processes, require, until
from cluster_runs import CLUSTER, WORK, executors, reference, spark_args

TRAININGS = WORK / "trainings"
RANK = "io.cria.sft.ranks.RankMain"
ADAPTER = "adapter/adapter_model.safetensors"
BUCKET = "cria"
STRUCK_AT = 8
RUN_FILE = """\
base: base
template: conf/templates/plain.yaml
shards: {contextLength: 512, evaluationShare: 0.1}
training:
  lora: {rank: 8, alpha: 16, merge: false}
  epochs: 100
  maxSteps: 24
  batchRows: 4
  microBatchTokens: 1024
  workers: 1
  device: cpu
  precision: float32
  optimizer: {learningRate: 2.0e-3}
  checkpointEverySteps: 4
  evaluateEverySteps: 12
cluster: {gpusPerRank: 1, memory: 1500m, heap: 256m}
"""


def run_file():
    return TRAININGS / "sft.yaml"


def shards():
    """The run whose shards are trained on; what one process learns from them lies in TRAININGS/alone. Made once."""
    run = reference("alpaca")
    if not run_file().exists():
        tiny_base.write(TRAININGS / "base", hidden=192, layers=4)
        run_file().write_text(RUN_FILE)
        Launched(TRAININGS / "shards.log", "stage", "shards", "--run", run, "--sft-conf", run_file(),
                 spark_args="--master local[2]").ended()
        Launched(TRAININGS / "alone.log", "train-local", run_file(), "--shards", run / "shards",
                 "--output", TRAININGS / "alone").ended()
    return run


def gpu_args(mode, *more):
    """Two executors, since a worker has one GPU."""
    return spark_args(
        mode, "--conf spark.executor.resource.gpu.amount=1 --conf spark.executor.memoryOverhead=2g", *more)


def train(name, mode, *more, run=None, args="", environment=None):
    """cria train, begun: two ranks."""
    return Launched(
        TRAININGS / f"{name}.log", "train", run or shards(), "--name", name, "--sft-conf", run_file(), "--ranks", 2, *more,
        spark_args=gpu_args(mode, args), environment=environment,
    )


def training(name):
    return shards() / "training" / name


def status(name):
    try:
        return json.loads((training(name) / "status.json").read_text())
    except (OSError, ValueError):
        return {}


def losses(text):
    """By step, what metrics.jsonl tells: the loss and, where there was one, the evaluation's."""
    found = {}
    for line in map(json.loads, text.splitlines()):
        for key in ("loss", "eval_loss"):
            if key in line:
                found[line["step"], key] = line[key]
    return found


def require_learnt_as_alone(text):
    """Holds a training's losses against those of one process."""
    mine, alone = losses(text), losses((TRAININGS / "alone/metrics.jsonl").read_text())
    require(mine.keys() == alone.keys(), f"told of {sorted(mine)}, one process of {sorted(alone)}")
    widest = max(abs(mine[at] - alone[at]) for at in alone)
    require(widest <= 1e-5, f"losses differ from one process's by {widest:.1e}")
    return f"{len(mine)} losses within {widest:.0e} of one process's"


def ranks():
    """The processes of ranks on the cluster."""
    return processes(RANK, CLUSTER / "work")


def require_none_left():
    """A rank's process ends with its task."""
    until("the end of the ranks' processes", lambda: not ranks(), 30)


def undisturbed():
    """The adapter of a training that nothing happened to; made once."""
    if status("undisturbed").get("state") != "done":
        train("undisturbed", "client").ended()
        require_none_left()
    return (training("undisturbed") / ADAPTER).read_bytes()


def require_same_adapter(name):
    expected = undisturbed()
    require((training(name) / ADAPTER).read_bytes() == expected, f"{name}: another adapter than undisturbed's")
    require_learnt_as_alone((training(name) / "metrics.jsonl").read_text())
    require_none_left()


def checkpoint(step):
    """The file in a training's directory that stands as soon as that checkpoint is whole."""
    return f"_manifests/checkpoints/step-{step:08d}.json"


def caught(name, launched, is_there=None):
    """Waits until a training has a checkpoint to go on from, and is beyond it; the processes of its ranks."""
    is_there = is_there or (lambda file: (training(name) / file).exists())

    def seen():
        if launched.process.poll() is not None:
            raise Failed(f"{name} ended before it was struck\n{launched.tail()}")
        return is_there(checkpoint(STRUCK_AT))
    until(f"the checkpoint of step {STRUCK_AT} of {name}", seen)
    found = ranks()
    require(len(found) == 2, f"{len(found)} processes of ranks, not 2")
    return found


def client():
    """As one process learns."""
    undisturbed()
    return require_learnt_as_alone((training("undisturbed") / "metrics.jsonl").read_text())


def in_cluster():
    """The driver on a worker; what it says is told here."""
    told = train("in-cluster", "cluster").ended()
    require_same_adapter("in-cluster")
    require("training/in-cluster" in told.text(), "what was made is not told\n" + told.tail())
    return "same bytes"


def rank_killed():
    """The process of a rank."""
    launched = train("rank-killed", "client")
    kill(caught("rank-killed", launched)[-1])
    launched.ended()
    require_same_adapter("rank-killed")
    return f"killed at step {STRUCK_AT}: same bytes"


def executor_killed():
    """An executor; the process of its rank ends with it."""
    launched = train("executor-killed", "cluster")
    caught("executor-killed", launched)
    victim = executors()[-1]
    own = descendants(victim)[1:]
    require(own, "the executor has no process of a rank")
    kill(victim)
    until("the end of the killed executor's rank", lambda: not set(own) & set(ranks()), 30)
    launched.ended()
    require_same_adapter("executor-killed")
    return f"killed at step {STRUCK_AT}: same bytes"


def stopped():
    """By cria stop; the same command goes on."""
    launched = train("stopped", "client")
    caught("stopped", launched)
    Launched(TRAININGS / "stop.log", "stop", training("stopped")).ended()
    launched.ended(3)
    require_none_left()
    state, step = status("stopped").get("state"), status("stopped").get("step")
    require(state == "stopped", f"status.json says {state}")
    train("stopped", "client").ended()
    require_same_adapter("stopped")
    return f"stopped at step {step}, gone on with: same bytes"


def no_room():
    """The driver takes a worker, so that one place is left for two ranks."""
    began = time.monotonic()
    told = train("no-room", "cluster", args="--driver-cores 2").ended(2, 200)
    words = told.tail()
    require("2 ranks need 2 at once" in words and "room for 1" in words, "the numbers are not told\n" + words)
    return f"refused after {time.monotonic() - began:.0f} s, Spark's start included: {told.text().splitlines()[-1]}"


class Store:
    """S3 as moto plays it, with one bucket; ends with the block."""

    def __enter__(self):
        file = TRAININGS / "moto-url"
        file.unlink(missing_ok=True)
        self.log = open(TRAININGS / "moto.log", "wb")
        self.process = subprocess.Popen(
            [HOME / ".venv-storage/bin/python", HOME / "scripts/lib/moto-server.py", file, BUCKET],
            stdout=self.log, stderr=self.log,
        )
        self.url = until("moto", lambda: file.exists() and file.read_text().strip(), 30)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def asked(self, name, method, content=None):
        """What it answers; it looks whether a request is signed, not by whom."""
        request = urllib.request.Request(f"{self.url}/{BUCKET}/{name}", data=content, method=method, headers={
            "Authorization": "AWS4-HMAC-SHA256 Credential=storage/20260101/us-east-1/s3/aws4_request, Signature=none",
            "Content-Type": "application/octet-stream",
        })
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def put(self, name, content):
        self.asked(name, "PUT", content)

    def put_folder(self, folder, below):
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                self.put(f"{below}/{file.relative_to(folder)}", file.read_bytes())

    def get(self, name):
        return self.asked(name, "GET")

    def has(self, name):
        try:
            return bool(self.get(name))
        except urllib.error.HTTPError:
            return False

    def args(self):
        """What a Hadoop client is told of it; the keys go by the environment."""
        return " ".join(f"--conf spark.hadoop.fs.s3a.{setting}" for setting in (
            f"endpoint={self.url}", "endpoint.region=us-east-1", "path.style.access=true", "connection.ssl.enabled=false",
        ))


def from_s3():
    """Run, base and result in an object store; a rank is killed there too."""
    moto = HOME / ".venv-storage/bin/python"
    if not moto.exists():
        return "skipped: scripts/test-storage fetches the store, moto"
    expected = undisturbed()
    keys = {"AWS_ACCESS_KEY_ID": "storage", "AWS_SECRET_ACCESS_KEY": "storage"}
    with Store() as store:
        run = shards()
        for name in ("run.json", "status.json"):
            store.put(f"r/{name}", (run / name).read_bytes())
        for name in ("inputs", "dataset", "shards", "_manifests"):
            store.put_folder(run / name, f"r/{name}")
        store.put_folder(TRAININGS / "base", "base")
        launched = train(
            "from-s3", "client", "--base", f"s3a://{BUCKET}/base", run=f"s3a://{BUCKET}/r", args=store.args(), environment=keys)
        kill(caught("from-s3", launched, lambda file: store.has(f"r/training/from-s3/{file}"))[-1])
        launched.ended()
        require_none_left()
        require(store.get(f"r/training/from-s3/{ADAPTER}") == expected, "another adapter than undisturbed's")
        require_learnt_as_alone(store.get("r/training/from-s3/metrics.jsonl").decode())
    return f"killed at step {STRUCK_AT}: same bytes"


def cases():
    """Name to what it does, in order."""
    return {
        "train-client": client, "train-cluster": in_cluster, "train-rank-killed": rank_killed,
        "train-executor-killed": executor_killed, "train-stopped": stopped, "train-no-room": no_room, "train-s3": from_s3,
    }
