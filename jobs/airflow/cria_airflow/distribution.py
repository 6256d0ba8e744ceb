"""Where Cria's jars lie: a distribution that was unpacked, or a checkout that was built."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cria_airflow.settings import SHARDS, TRAIN

MAIN_CLASS = "io.cria.cli.Main"

#: Of the training's libraries, what Spark has, or what belongs to the processes of ranks alone.
NOT_FOR_SPARK = ("pytorch", "openblas", "javacpp", "jackson", "snakeyaml", "slf4j", "picocli", "jspecify")


@dataclass(frozen=True)
class Distribution:
    """What spark-submit needs of one.

    :param home: its folder
    :param application: ``cria.jar``
    :param jars: what the application needs beside Spark
    :param s3_jars: what Spark needs for ``s3a:`` paths
    :param training: what tunes models: tokenizer, libtorch
    """

    home: Path
    application: Path
    jars: tuple[Path, ...]
    s3_jars: tuple[Path, ...]
    training: tuple[Path, ...] = ()

    @classmethod
    def at(cls, folder: str | os.PathLike[str]) -> Distribution:
        """The one in ``folder``.

        :raises FileNotFoundError: when there is none
        """
        home = Path(folder)
        for place, lists in ((home / "lib", home / "lib"), (home / "target", home / "target" / "classpath")):
            application = place / "cria.jar"
            jars = jars_in(lists / "app")
            if application.is_file() and jars:
                return cls(home, application, jars, jars_in(lists / "s3"), training_jars(lists))
        raise FileNotFoundError(
            f"no Cria in {folder}: name the folder of an unpacked distribution (with lib/cria.jar and lib/app),"
            " or a checkout in which scripts/build has run"
        )

    def jars_for(self, run: str, stage: str = "") -> str:
        """What ``--jars`` is given for a stage of a run in that directory: shards and training want the tokenizer."""
        jars = self.jars
        if stage in (SHARDS, TRAIN):
            jars += tuple(jar for jar in self.training if jar.name.split("-")[0] not in NOT_FOR_SPARK)
        return joined(",", jars + (self.s3_jars if run.startswith("s3a:") else ()))

    def engine(self, separator: str) -> str:
        """The jars of a process that trains, each name once."""
        by_name = {jar.name: jar for jar in reversed((self.application, *self.jars, *self.training))}
        return joined(separator, reversed(by_name.values()))


def joined(separator: str, jars: Iterable[Path]) -> str:
    return separator.join(str(jar) for jar in jars)


def jars_in(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder.glob("*.jar")))


def training_jars(lists: Path) -> tuple[Path, ...]:
    """From their folder, or in a checkout from the list that the build wrote."""
    named = lists / "train.txt"
    if named.is_file():
        return tuple(Path(jar) for jar in named.read_text(encoding="utf-8").strip().split(":"))
    return jars_in(lists / "train")
