"""Programs that the tests of clusters start and end: the scripted model server, the launcher, the cluster."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]


class Failed(Exception):
    """A case does not hold; its words say why."""


def require(holds, words):
    """Ends the case with these words unless it holds."""
    if not holds:
        raise Failed(words)


def until(what, ready, seconds=240, pause=0.05):
    """Waits until `ready()` is true; what it gave is returned. Fails, naming `what`, after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = ready()
        if value:
            return value
        time.sleep(pause)
    raise Failed(f"waited {seconds} s for {what}")


def get(url):
    """The JSON at an address."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        return json.load(answer)


class ModelServer:
    """The scripted model server, with latency and faults as its options say; ends with the block."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [HOME / "scripts/lib/model-server", *map(str, options)], stdout=subprocess.PIPE, text=True
        )
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise Failed("the scripted server did not start")

    def books(self, stage=None):
        """What it was asked and delivered, in all or by a stage; zeroes where a stage has not asked yet."""
        books = get(self.url.removesuffix("/v1") + "/stats")
        return books if stage is None else books["stages"].get(stage, {"requests": 0, "answers": 0})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Launched:
    """scripts/cria at work, its output in a file."""

    all = []

    def __init__(self, log, *arguments, spark_args="", environment=None):
        self.log = Path(log)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        env = {key: value for key, value in os.environ.items() if key == "CRIA_CACHE" or not key.startswith("CRIA_")}
        env.update({"CRIA_SPARK_ARGS": spark_args, "CRIA_HEAP": "1g", **(environment or {})})
        self.arguments = [str(argument) for argument in arguments]
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                [HOME / "scripts/cria", *self.arguments], stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=env
            )
        Launched.all.append(self)

    @staticmethod
    def end_all():
        """Ends what a failed or broken-off test left at work."""
        for each in Launched.all:
            if each.process.poll() is None:
                for pid in descendants(each.process.pid):
                    kill(pid)
                each.process.wait()

    def ended(self, code=0, seconds=400):
        """Waits for its end and holds its exit code against the expected one."""
        try:
            found = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failed(f"cria {' '.join(self.arguments)}: no end after {seconds} s\n{self.tail()}") from None
        require(found == code, f"cria {' '.join(self.arguments)}: exit code {found}, not {code}\n{self.tail()}")
        return self

    def text(self):
        return self.log.read_text(errors="replace")

    def tail(self):
        return "\n".join(self.text().splitlines()[-12:])


def processes(word, below=None):
    """Ids of the running programs with this word in their command, the lowest first, and their folder below `below`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
                folder = os.readlink(entry / "cwd")
            except OSError:
                continue
            if any(word.encode() in part for part in command) and (below is None or folder.startswith(str(below))):
                found.append(int(entry.name))
    return sorted(found)


def descendants(pid):
    """A process and all that come from it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found, open_ones = [], [pid]
    while open_ones:
        each = open_ones.pop()
        found.append(each)
        open_ones += parents.get(each, [])
    return found


def kill(pid, how=signal.SIGKILL):
    """Ends a process that this test started; one that has ended is well."""
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        pass


def dataset(run):
    """The published files of a run by name. The card, which tells what lost attempts cost, is none of them."""
    folder = Path(run) / "dataset"
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in ("README.md", "_manifest.json") and not file.name.startswith(".")
    }


def require_same(run, reference):
    """Holds a run's published files against another's, to the byte."""
    mine, theirs = dataset(run), dataset(reference)
    require(theirs, f"{reference}: no dataset")
    require(mine.keys() == theirs.keys(), f"{run}: files {sorted(mine)}, not {sorted(theirs)}")
    for name, text in mine.items():
        require(text == theirs[name], f"{run}/dataset/{name}: other bytes than {reference}'s")
