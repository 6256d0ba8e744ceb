"""What is told of a published dataset and of a finished training, and whether they are still what was told of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from airflow.sdk import ObjectStoragePath

from cria_airflow.outcomes import Status

MANIFEST = "dataset/_manifest.json"
TRAINED = "_manifests/result.json"
CHUNK = 1 << 20


class NotPublished(Exception):
    """A dataset or a training that is not whole, or not the one that was told of."""


@dataclass(frozen=True)
class Publication:
    """A dataset, as the extra of its asset's events has it.

    :param run: directory of the run
    :param rows: examples
    :param usd: what the run has cost, over all attempts
    :param unpriced: answers that have no known price and are not in ``usd``
    :param manifest: SHA-256 of ``dataset/_manifest.json``, which has that of every file
    :param identity: the run's identity hash: recipe, seeds, prompts, model, decoding, filters
    :param model: that answered
    """

    run: str
    rows: int
    usd: float
    unpriced: int
    manifest: str
    identity: str
    model: str

    @classmethod
    def of(cls, run: str) -> Publication:
        """The dataset of a run whose last stage is done.

        :raises NotPublished: when it is not
        """
        status = Status.read(run)
        if status is None or status.state != "done" or status.is_short:
            state = "not begun" if status is None else status.state
            raise NotPublished(f"{run}: {state}: run its stages to the end, then publish it")
        record = json.loads((ObjectStoragePath(run) / "run.json").read_text(encoding="utf-8"))
        manifest = manifest_bytes(run)
        dataset = json.loads(manifest)
        if dataset["identity"] != record["identity_hash"]:
            raise NotPublished(f"{run}: the dataset is of another configuration than run.json: run its stages again")
        return cls(
            run=run,
            rows=sum(file["rows"] for file in dataset["files"] if file["name"].startswith("dataset/parquet/")),
            usd=float(Decimal(str(status.spend["usd"]))),
            unpriced=status.spend["unpriced"],
            manifest=hashlib.sha256(manifest).hexdigest(),
            identity=record["identity_hash"],
            model=record["identity"]["model"],
        )

    def extra(self) -> dict[str, Any]:
        """For the event of the asset."""
        return asdict(self)


@dataclass(frozen=True)
class TrainingPublication:
    """What a finished training has left, as the extra of its asset's events has it.

    :param run: directory of the run
    :param training: the training's name
    :param steps: that were learnt
    :param manifest: SHA-256 of the manifest of adapter and model, which has that of every file
    """

    run: str
    training: str
    steps: int
    manifest: str

    @classmethod
    def of(cls, run: str, training: str) -> TrainingPublication:
        """
        :raises NotPublished: when it is not finished
        """
        manifest = manifest_bytes(f"{run}/training/{training}", TRAINED)
        return cls(run, training, json.loads(manifest)["counts"]["steps"], hashlib.sha256(manifest).hexdigest())

    def extra(self) -> dict[str, Any]:
        """For the event of the asset."""
        return asdict(self)


def manifest_bytes(place: str, name: str = MANIFEST) -> bytes:
    """A manifest in that directory.

    :raises NotPublished: when there is none
    """
    try:
        return (ObjectStoragePath(place) / name).read_bytes()
    except FileNotFoundError as missing:
        raise NotPublished(f"{place}: no {name}: have its tasks run to the end") from missing


def check(extra: Mapping[str, Any]) -> dict[str, int]:
    """Reads every file of a dataset, or of a training's result, that was told of.

    :param extra: of the event
    :returns: rows by file, of those that have any
    :raises NotPublished: when the manifest or a file is another than when it was published
    """
    training = extra.get("training")
    place, name = (extra["run"], MANIFEST) if training is None else (f"{extra['run']}/training/{training}", TRAINED)
    manifest = manifest_bytes(place, name)
    digest = hashlib.sha256(manifest).hexdigest()
    if digest != extra["manifest"]:
        raise NotPublished(f"{place}: it was made anew, manifest {digest}, not {extra['manifest']}")
    rows: dict[str, int] = {}
    for file in json.loads(manifest)["files"]:
        if file_digest(f"{place}/{file['name']}") != file["sha256"]:
            raise NotPublished(f"{place}/{file['name']}: not the bytes that were published: export or copy it again")
        if file["rows"] >= 0:
            rows[file["name"]] = file["rows"]
    return rows


def file_digest(path: str) -> str:
    digest = hashlib.sha256()
    with ObjectStoragePath(path).open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
