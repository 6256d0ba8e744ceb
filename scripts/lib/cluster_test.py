"""The cases of scripts/test-cluster, on the cluster that scripts/cluster brings up."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import cluster_train
from at_work import (
    HOME, Failed, Launched, ModelServer, descendants, get, kill, processes, require, require_same, until,
)
from cluster_runs import (
    CLUSTER, EXECUTOR, IN_FLIGHT, TARGETS, WORK, addresses, cluster, executors, reference, run, settings, spark_args, status,
)

LATENCY_MS = 800
DRIVER = "org.apache.spark.deploy.worker.DriverWrapper"
CANARY = "canary-7f3Qx-9"
PLANTED = "planted-5kW2-8"
QUICK = ("cluster-alpaca", "train-client")


def asking(server, stage, least=2):
    """Waits until a stage has so many requests with the server, some of them unanswered."""
    def seen():
        books = server.books(stage)
        return books["requests"] >= least and books["requests"] > books["answers"]
    until(f"requests of {stage}", seen)


def at(name, server, stage):
    """Waits until a run is in the middle of a stage."""
    if stage == "dataset":
        until("the stage dataset", lambda: status(name).get("stage") == "dataset")
    else:
        asking(server, stage)


def bought_again(server, kills):
    """No more than what was in flight at each kill, on all executors, is asked for again."""
    again, bound = server.books()["bought_again"], kills * 2 * IN_FLIGHT
    require(again <= bound, f"{again} answers bought again, at most {bound} were in flight")
    return f"{again} bought again (at most {bound})"


STAGES = {"self-instruct": ("generate", "classify", "instances", "dataset")}


def plain(mode, recipe):
    name = f"{mode}-{recipe}"
    with ModelServer() as server:
        told = run(name, recipe, server, spark_args(mode)).ended()
        require("examples" in told.text(), "what was made is not told\n" + told.tail())
        require_same(WORK / name, reference(recipe))
        again = Launched(WORK / f"{name}.again.log", "run", HOME / f"conf/{recipe}.yaml", "--run", WORK / name,
                         "--yes", *settings(recipe, server), spark_args=spark_args(mode)).ended()
        require("othing to do" in again.text(), "a second run does something\n" + again.tail())
        require(server.books()["bought_again"] == 0, "bought again without a reason")
    return "same bytes as local[2]"


def struck_in_each_stage(name, mode, strike):
    """One run that loses something in each stage and goes on by itself."""
    with ModelServer("--latency-ms", LATENCY_MS) as server:
        launched = run(name, "self-instruct", server, spark_args(mode))
        for stage in STAGES["self-instruct"]:
            at(name, server, stage)
            strike()
        launched.ended()
        require_same(WORK / name, reference("self-instruct"))
        return bought_again(server, 4)


def executors_killed(mode):
    """One executor in each stage."""
    return struck_in_each_stage(f"{mode}-executors-killed", mode, lambda: kill(executors()[0]))


def worker_daemons():
    return {
        name: int((CLUSTER / f"{name}.pid").read_text()) for name in ("worker-1", "worker-2")
    }


def replace_worker():
    """Kills a worker with its executors, none with a driver on it, and brings another up in its place."""
    drivers = set(processes(DRIVER))
    victim = next(pid for pid in worker_daemons().values() if not drivers & set(descendants(pid)))
    for pid in descendants(victim):
        kill(pid)
    time.sleep(1)
    cluster("up")


def workers_killed(mode):
    """A whole worker in each stage."""
    return struck_in_each_stage(f"{mode}-workers-killed", mode, replace_worker)


def drivers_killed(mode):
    """The driver in each stage; the same command goes on."""
    name = f"{mode}-drivers-killed"
    with ModelServer("--latency-ms", LATENCY_MS) as server:
        for stage in STAGES["self-instruct"]:
            launched = run(name, "self-instruct", server, spark_args(mode))
            at(name, server, stage)
            if mode == "client":
                kill(processes("org.apache.spark.deploy.SparkSubmit")[-1])
                launched.process.wait()
            else:
                end_submission()
                code = launched.process.wait(200)
                # what is little left to do may be done within the ten seconds
                ends = (0, 3) if stage == "dataset" else (3,)
                require(code in ends, f"a killed driver ended {code}\n{launched.tail()}")
            until("the executors' end", lambda: not processes(EXECUTOR, CLUSTER / "work"))
        run(name, "self-instruct", server, spark_args(mode)).ended()
        require_same(WORK / name, reference("self-instruct"))
        return bought_again(server, 4)


def end_submission():
    """Kills the driver as a scheduler does: SIGTERM by the master's REST address, SIGKILL after ten seconds."""
    driver = until("the driver's id", driver_ids)[-1]
    rest = addresses()["CRIA_CLUSTER_REST"]
    request = urllib.request.Request(f"{rest}/v1/submissions/kill/{driver}", method="POST")
    urllib.request.urlopen(request, timeout=20).close()


def driver_ids():
    return [Path(os.readlink(f"/proc/{pid}/cwd")).name for pid in processes(DRIVER)]


def odd_settings(mode):
    """What a cluster's own configuration may ask for, all at once."""
    name = f"{mode}-odd-settings"
    args = spark_args(
        mode, "--conf spark.serializer=org.apache.spark.serializer.KryoSerializer",
        "--conf spark.dynamicAllocation.enabled=true --conf spark.dynamicAllocation.shuffleTracking.enabled=true",
        "--conf spark.dynamicAllocation.executorIdleTimeout=5s --conf spark.sql.adaptive.enabled=false",
        "--conf spark.driver.extraJavaOptions=-Dsomebodys=option",
    )
    with ModelServer() as server:
        run(name, "self-instruct", server, args).ended()
        require_same(WORK / name, reference("self-instruct"))
    return "Kryo, dynamic allocation, no adaptive execution: same bytes"


def nothing_shared(mode):
    """A worker that sees another disk where the run lies is found before a request is sent."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        return "skipped: a mount of one's own wants root"
    name = f"{mode}-nothing-shared"
    (WORK / name).mkdir(parents=True)
    folder = CLUSTER / "work/apart"
    env = dict(os.environ, SPARK_HOME=addresses()["SPARK_HOME"], SPARK_NO_DAEMONIZE="1")
    log = open(CLUSTER / "apart.log", "wb")
    apart = subprocess.Popen(
        ["unshare", "-m", "sh", "-c",
         'mount -t tmpfs tmpfs "$1" && shift && exec "$@"', "sh", WORK / name,
         Path(env["SPARK_HOME"]) / "bin/spark-class", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1",
         "--webui-port", "0", "--cores", "1", "--memory", "2g", "--work-dir", folder,
         addresses()["CRIA_CLUSTER_MASTER"]],
        stdout=log, stderr=log, env=env, start_new_session=True,
    )
    try:
        until("the worker apart", lambda: b"Successfully registered" in (CLUSTER / "apart.log").read_bytes())
        with ModelServer() as server:
            # two cores for the driver: the worker apart has one, so the driver is where the disk is shared
            args = spark_args(mode, "--driver-cores 2").replace("cores.max=2", "cores.max=5")
            told = run(name, "alpaca", server, args).ended(6)
            require("share" in told.text(), "it is not said what is wrong\n" + told.tail())
            require(server.books()["requests"] == 0, "asked before it was known")
    finally:
        for pid in descendants(apart.pid):
            kill(pid)
        apart.wait()
        log.close()
    return "refused with exit code 6 before a request"


def canary():
    """A key from a file is seen nowhere; a word planted among Spark's properties is, so the search is not blind."""
    key = WORK / "key"
    key.write_text(CANARY + "\n")
    key.chmod(0o600)
    for mode in ("client", "cluster"):
        name = f"canary-{mode}"
        with ModelServer("--latency-ms", LATENCY_MS) as server:
            args = spark_args(mode, f"--conf spark.planted={PLANTED}")
            launched = run(name, "alpaca", server, args, "--set", f"endpoint.keyFile={key}")
            asking(server, "generate")
            seen = pages() + commands()
            launched.ended()
            require_same(WORK / name, reference("alpaca"))
        until("the run in the history", lambda: any("HISTORY" in place for place in leaks(PLANTED, [])), 60, 1)
        hits = leaks(CANARY, seen)
        require(not hits, f"the key is seen in {hits}")
        found = leaks(PLANTED, seen)
        for place in ("/events/", "process ", "HISTORY"):
            require(any(place in hit for hit in found), f"the planted word is not seen in {place}: the search is blind")
    return f"no trace of the key; the planted word is in {len(found)} places"


def pages():
    """Texts of the master's page, the history server's and its list of applications."""
    texts = []
    for name in ("CRIA_CLUSTER_UI", "CRIA_CLUSTER_HISTORY"):
        base = addresses()[name]
        for path in ("/", "/json/", "/api/v1/applications"):
            texts.append((f"{name}{path}", fetched(base + path)))
    try:
        for application in get(addresses()["CRIA_CLUSTER_HISTORY"] + "/api/v1/applications"):
            base = f"{addresses()['CRIA_CLUSTER_HISTORY']}/api/v1/applications/{application['id']}"
            texts.append((f"CRIA_CLUSTER_HISTORY {application['id']}", fetched(base + "/environment")))
    except OSError:
        pass
    return texts


def fetched(url):
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.read()
    except OSError as e:
        return str(e).encode()


def commands():
    texts = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                texts.append((f"process {entry.name}", (entry / "cmdline").read_bytes()))
            except OSError:
                continue
    return texts


def leaks(word, seen):
    """Where a word stands: among texts seen, in event logs, work folders, logs and the runs."""
    hits = {place for place, text in seen + pages() if word.encode() in text}
    for folder in (CLUSTER, WORK):
        for file in folder.rglob("*"):
            if file.is_file() and file != WORK / "key" and word.encode() in file.read_bytes():
                hits.add(str(file.relative_to(WORK)))
    return sorted(hits)


def cases():
    """Name to what it does, in order."""
    found = {}
    for mode in ("client", "cluster"):
        for recipe in TARGETS:
            found[f"{mode}-{recipe}"] = lambda mode=mode, recipe=recipe: plain(mode, recipe)
        for case in (executors_killed, workers_killed, drivers_killed, odd_settings, nothing_shared):
            found[f"{mode}-{case.__name__.replace('_', '-')}"] = lambda mode=mode, case=case: case(mode)
    found["canary"] = canary
    found.update(cluster_train.cases())
    return found


def chosen_of(known, names):
    """The cases that names mean: each a case, or what cases begin with. None where a name means nothing."""
    chosen = []
    for name in names:
        meant = [name] if name in known else [case for case in known if case.startswith(name + "-")]
        if not meant:
            print(f"cria: no case '{name}': scripts/test-cluster --list", file=sys.stderr)
            return None
        chosen += [case for case in meant if case not in chosen]
    return chosen


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    known = cases()
    if options.list:
        print("\n".join(known))
        return 0
    named = options.names + (options.only.split(",") if options.only else [])
    chosen = chosen_of(known, named or (QUICK if options.quick else list(known)))
    if chosen is None:
        return 2
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cluster("up")
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    try:
        for name in chosen:
            began = time.monotonic()
            try:
                told = known[name]()
                kind = "skipped" if told.startswith("skipped") else "passed"
            except (Failed, OSError, subprocess.SubprocessError, KeyError, StopIteration) as e:
                told, kind = f"{type(e).__name__}: {e}", "failed"
            counts[kind] += 1
            print(f"{kind}  {name}  {time.monotonic() - began:.0f} s  {told}", flush=True)
    finally:
        Launched.end_all()
        cluster("down")
        if not options.keep and not counts["failed"]:
            shutil.rmtree(WORK, ignore_errors=True)
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
