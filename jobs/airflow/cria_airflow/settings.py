"""What a run is started with: the DAG's parameters, typed, and the command line they come to."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow.sdk import Param, Variable

#: Stands for the day of the DAG run in the parameter ``run``.
DATE = "{date}"

ABSOLUTE = r"^(/|[A-Za-z][A-Za-z0-9+.-]*:/)"
SETTING = r"^[A-Za-z][A-Za-z0-9.]*="

#: The stage that judges what the dataset may hold, where it is wanted.
MODERATE = "moderate"

#: The stage that writes training shards, and what trains on them.
SHARDS = "shards"
TRAIN = "train"


def parameters(defaults: Mapping[str, Any]) -> dict[str, Param]:
    """The DAG's parameters.

    :param defaults: values by name, where they differ from these
    :raises KeyError: when one of them is no parameter
    """
    known: dict[str, dict[str, Any]] = {
        "run": {
            "type": "string",
            "pattern": ABSOLUTE,
            "title": "Run directory",
            "description": f"Absolute path or URI, the same on every host. {DATE} stands for the day of the DAG run.",
        },
        "conf": {
            "default": None,
            "type": ["null", "string"],
            "title": "Run file",
            "description": "For a new run. A run that has begun knows its own.",
        },
        "target": {
            "default": None,
            "type": ["null", "integer"],
            "minimum": 1,
            "title": "Kept instructions wanted",
        },
        "cap_usd": {
            "default": None,
            "type": ["null", "number"],
            "exclusiveMinimum": 0,
            "title": "Most that the run may cost, USD",
            "description": "Over all its tries and tasks (caps.usd).",
        },
        "model": {"default": None, "type": ["null", "string"], "title": "Model"},
        "base_url": {
            "default": None,
            "type": ["null", "string"],
            "pattern": r"^https?://",
            "title": "Address of the model's API, with /v1",
        },
        "settings": {
            "default": [],
            "type": "array",
            "items": {"type": "string", "pattern": SETTING},
            "title": "Further keys of the run file, KEY=VALUE",
            "description": "Never a key of the API: they are read on the hosts, see endpoint.keyFile.",
        },
        "moderate": {
            "default": False,
            "type": "boolean",
            "title": "Whether the instances are moderated",
            "description": "Before the dataset. A run file whose stages name moderate needs it.",
        },
        "sft_conf": {
            "default": None,
            "type": ["null", "string"],
            "title": "Run file of a fine-tuning",
            "description": "Shards are written for it, and a model is tuned. Nothing: neither is done.",
        },
        "base": {
            "default": None,
            "type": ["null", "string"],
            "pattern": ABSOLUTE,
            "title": "Model to tune",
            "description": "In place of that run file's: absolute path or URI of a directory or a GGUF file.",
        },
        "training": {
            "default": "airflow",
            "type": "string",
            "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
            "title": "Name of the training",
            "description": "What it makes lies in the run's directory, below training/.",
        },
        "training_settings": {
            "default": [],
            "type": "array",
            "items": {"type": "string", "pattern": SETTING},
            "title": "Further keys of the fine-tuning's run file, KEY=VALUE",
        },
        "training_spark_conf": {
            "default": {},
            "type": "object",
            "additionalProperties": {"type": "string"},
            "title": "Spark properties of the training",
            "description": "Over those of all tasks.",
        },
        "deploy_mode": {
            "default": None,
            "type": ["null", "string"],
            "enum": [None, "client", "cluster"],
            "title": "Where the driver runs",
            "description": "Nothing: as the Spark connection says.",
        },
        "spark_conf": {
            "default": {},
            "type": "object",
            "additionalProperties": {"type": "string"},
            "title": "Spark properties",
        },
        "dist": {
            "default": None,
            "type": ["null", "string"],
            "pattern": "^/",
            "title": "Cria's folder",
            "description": "Nothing: the variable cria_dist, else CRIA_DIST of the worker's environment.",
        },
    }
    unknown = sorted(set(defaults) - set(known))
    if unknown:
        raise KeyError(f"no such parameter, {unknown[0]}: {', '.join(known)} are known")
    for name, value in defaults.items():
        known[name]["default"] = value
    return {name: Param(**schema) for name, schema in known.items()}


def run_directory(params: Mapping[str, Any], dag_run: Any) -> str:
    """The run's directory, with the day of the DAG run where :data:`DATE` stands."""
    moment: datetime.datetime = dag_run.logical_date or dag_run.run_after
    return str(params["run"]).replace(DATE, moment.date().isoformat())


def distribution_folder(params: Mapping[str, Any]) -> str:
    """Where Cria lies on this host.

    :raises FileNotFoundError: when nothing says so
    """
    folder = params["dist"] or Variable.get("cria_dist", default=None) or os.environ.get("CRIA_DIST")
    if not folder:
        raise FileNotFoundError(
            "where Cria lies is not said: set the parameter dist, the variable cria_dist, or CRIA_DIST in the"
            " worker's environment"
        )
    return str(folder)


def reason_to_skip(stage: str, params: Mapping[str, Any]) -> str | None:
    """Why the parameters want no such task; nothing where they do."""
    if stage in (SHARDS, TRAIN) and params["sft_conf"] is None:
        return f"no sft_conf: {stage} is for a fine-tuning, and none is asked for"
    if stage == MODERATE and not params["moderate"]:
        return "moderate is not asked for"
    return None


def spark_properties(stage: str, params: Mapping[str, Any]) -> dict[str, str]:
    """Spark's properties for a task, as the parameters have them."""
    own = params["training_spark_conf"] if stage == TRAIN else {}
    return {**params["spark_conf"], **own}


@dataclass(frozen=True)
class StageCommand:
    """``cria stage NAME`` with the parameters of a DAG run; the model to tune is the shards' alone."""

    stage: str
    run: str
    conf: str | None = None
    target: int | None = None
    cap_usd: float | None = None
    model: str | None = None
    base_url: str | None = None
    settings: tuple[str, ...] = ()
    sft_conf: str | None = None
    base: str | None = None

    @classmethod
    def of(cls, stage: str, run: str, params: Mapping[str, Any]) -> StageCommand:
        tuned = params if stage == SHARDS else {}
        return cls(
            stage=stage,
            run=run,
            conf=params["conf"],
            target=params["target"],
            cap_usd=params["cap_usd"],
            model=params["model"],
            base_url=params["base_url"],
            settings=tuple(params["settings"]),
            sft_conf=tuned.get("sft_conf"),
            base=tuned.get("base"),
        )

    def __str__(self) -> str:
        return f"cria stage {self.stage}"

    @property
    def work(self) -> str:
        """The directory whose status.json tells of it."""
        return self.run

    def arguments(self) -> list[str]:
        """The application's arguments. The cap comes last, so that no other setting undoes it."""
        arguments = ["stage", self.stage, "--run", self.run]
        for option, value in (
            ("--conf", self.conf),
            ("--target", self.target),
            ("--model", self.model),
            ("--base-url", self.base_url),
            ("--sft-conf", self.sft_conf),
            ("--base", self.base),
        ):
            if value is not None:
                arguments += [option, str(value)]
        for setting in self.settings:
            arguments += ["--set", setting]
        if self.cap_usd is not None:
            arguments += ["--set", f"caps.usd={self.cap_usd}"]
        return arguments


@dataclass(frozen=True)
class TrainCommand:
    """``cria train`` with the parameters of a DAG run."""

    run: str
    name: str
    sft_conf: str
    base: str | None = None
    settings: tuple[str, ...] = ()

    @classmethod
    def of(cls, run: str, params: Mapping[str, Any]) -> TrainCommand:
        return cls(
            run=run,
            name=params["training"],
            sft_conf=params["sft_conf"],
            base=params["base"],
            settings=tuple(params["training_settings"]),
        )

    def __str__(self) -> str:
        return "cria train"

    @property
    def work(self) -> str:
        """The directory whose status.json tells of it."""
        return f"{self.run}/training/{self.name}"

    def arguments(self) -> list[str]:
        """The application's arguments; the run first, as a driver in the cluster is to find it."""
        arguments = ["train", self.run, "--name", self.name, "--sft-conf", self.sft_conf]
        if self.base is not None:
            arguments += ["--base", self.base]
        for setting in self.settings:
            arguments += ["--set", setting]
        return arguments


def command_of(stage: str, run: str, params: Mapping[str, Any]) -> StageCommand | TrainCommand:
    """What a task of that name calls."""
    return TrainCommand.of(run, params) if stage == TRAIN else StageCommand.of(stage, run, params)
