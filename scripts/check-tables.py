"""The part of scripts/check-tables that the readers do."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow.dataset
import pyarrow.parquet

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import tiny_base  # noqa: E402
from at_work import HOME, Failed, Launched, ModelServer  # noqa: E402

# each table's directory, and which rows of its view lie there
TABLES = {
    "requests": ("requests", ""),
    "answers": ("answers", ""),
    "candidates": ("candidates", ""),
    "classified": ("classified", ""),
    "instances": ("instances", ""),
    "moderated": ("moderated", ""),
    "examples": ("examples", ""),
    "training": ("metrics", ""),
    "verdicts": ("verdicts", "where kind <> 'moderation'"),
    "neighbours": ("neighbours", ""),
    "traits": ("traits", ""),
}

TRAINING = """\
base: base
template: conf/templates/plain.yaml
shards: {contextLength: 256, evaluationShare: 0.0}
training:
  lora: {rank: 4, alpha: 8, merge: false}
  maxSteps: 3
  batchRows: 2
  microBatchTokens: 512
  workers: 1
  device: cpu
  precision: float32
cluster: {memory: 1500m, heap: 256m}
"""


def pandas_reads(folder):
    frame = pandas.read_parquet(folder)
    return len(frame), set(frame.columns)


def polars_reads(folder):
    frame = polars.read_parquet(folder)
    return frame.height, set(frame.columns)


def polars_scans(folder):
    scan = polars.scan_parquet(folder)
    return scan.select(polars.len()).collect().item(), set(scan.collect_schema().names())


def duckdb_reads(folder):
    table = duckdb.sql(f"select * from read_parquet('{folder}/**/*.parquet', hive_partitioning = true)")
    return len(table.fetchall()), set(table.columns)


def pyarrow_reads(folder):
    table = pyarrow.parquet.read_table(folder)
    return table.num_rows, set(table.column_names)


def pyarrow_dataset(folder):
    data = pyarrow.dataset.dataset(folder, partitioning="hive")
    return data.count_rows(), set(data.schema.names)


READERS = {
    "pandas": pandas_reads,
    "polars": polars_reads,
    "polars, lazily": polars_scans,
    "duckdb": duckdb_reads,
    "pyarrow": pyarrow_reads,
    "pyarrow dataset": pyarrow_dataset,
}


def cria(*arguments):
    """Standard output of a command that ends well."""
    done = subprocess.run([HOME / "scripts/cria", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"cria {' '.join(map(str, arguments))}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def made(work, quick):
    """A finished run with every table; without training where it is to be quick."""
    run = work / "run"
    with ModelServer() as server:
        Launched(
            work / "log", "run", HOME / "conf/self-instruct.yaml", "--run", run, "--yes", "--model", "scripted",
            "--base-url", server.url, "--target", 30, "--set", "limits.inFlight=4", spark_args="--master local[2]",
        ).ended()
    cria("stage", "moderate", "--run", run)
    cria("decontaminate", run, "--against", "conf/evaluation")
    if not quick:
        tiny_base.write(work / "base", hidden=64, layers=2)
        (work / "sft.yaml").write_text(TRAINING)
        cria("stage", "shards", "--run", run, "--sft-conf", work / "sft.yaml")
        # a name that readers take for a number
        cria("train", run, "--name", "2026", "--sft-conf", work / "sft.yaml", "--ranks", 1)
    return run


def told(run, folders):
    """Rows and columns of each table, by cria sql: of its view, and of its directory as Spark reads it."""
    statements, asked = [], []
    for name, (folder, where) in folders.items():
        quoted = str(run / folder).replace("`", "``")
        sources = {"spark": f"parquet.`{quoted}`"}
        if name in TABLES:
            sources["cria sql"] = f"(select * from {name} {where})"
        for reader, source in sources.items():
            asked.append((name, reader))
            statements.append(f"select 'next' as mark, count(*) as n from {source}")
            statements.append(f"describe query select * from {source}")
    lines = map(json.loads, cria("sql", run, "--format", "jsonl", "-e", ";\n".join(statements)).splitlines())
    found, queue = {}, iter(asked)
    for line in lines:
        if line.get("mark") == "next":
            current = found[next(queue)] = (line["n"], set())
        else:
            current[1].add(line["col_name"])
    return found


def deduplicated(work, run):
    """The outputs of cria dedup over the run's dataset."""
    cria("dedup", "--input", run / "dataset/alpaca.jsonl", "--column", "output", "--output", work / "dedup")
    return {f"dedup {name}": (f"../dedup/{name}", "") for name in ("kept", "dropped")}


def check(run, folders):
    """The number of differences; a line a table is printed."""
    answers = told(run, folders)
    faults = 0
    for name, (folder, _) in folders.items():
        expected = answers.get((name, "cria sql")) or answers[name, "spark"]
        said = []
        for reader, read in {"spark": None, **READERS}.items():
            try:
                rows, columns = answers[name, "spark"] if read is None else read(str(run / folder))
            except Exception as error:  # whatever a reader makes of a directory that it cannot open
                said.append(f"{reader}: {str(error).splitlines()[0]}")
                continue
            if rows != expected[0]:
                said.append(f"{reader}: {rows} rows, not {expected[0]}")
            if columns != expected[1]:
                said.append(f"{reader}: columns {sorted(columns ^ expected[1])} are not in both")
        for line in said:
            print(f"FAILED  {name}, {line}")
        if not said:
            print(f"ok      {name:13} {expected[0]:6} rows {len(expected[1]):3} columns, the same to all")
        faults += len(said)
    return faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("work", type=Path)
    parser.add_argument("run", type=Path, nargs="?")
    options = parser.parse_args()
    try:
        run = options.run or made(options.work, options.quick)
        folders = {name: table for name, table in TABLES.items() if (run / table[0]).is_dir()}
        for name in TABLES.keys() - folders.keys():
            print(f"        {name:13} is not in this run")
        folders["dataset/parquet"] = ("dataset/parquet", "")
        if options.run is None and not options.quick:
            folders.update(deduplicated(options.work, run))
        faults = check(run, folders)
    except Failed as failure:
        print(f"FAILED  {failure}")
        faults = 1
    finally:
        Launched.end_all()
    versions = {"pandas": pandas, "polars": polars, "duckdb": duckdb, "pyarrow": pyarrow}
    print(", ".join(f"{name} {module.__version__}" for name, module in versions.items()))
    sys.exit(1 if faults else 0)


main()
