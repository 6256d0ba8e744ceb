"""Where Cria's jars lie: a distribution that was unpacked, or a checkout that was built."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

MAIN_CLASS = "io.cria.cli.Main"


@dataclass(frozen=True)
class Distribution:
    """What spark-submit needs of one.

    :param home: its folder
    :param application: ``cria.jar``
    :param jars: what the application needs beside Spark
    :param s3_jars: what Spark needs for ``s3a:`` paths
    """

    home: Path
    application: Path
    jars: tuple[Path, ...]
    s3_jars: tuple[Path, ...]

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
                return cls(home, application, jars, jars_in(lists / "s3"))
        raise FileNotFoundError(
            f"no Cria in {folder}: name the folder of an unpacked distribution (with lib/cria.jar and lib/app),"
            " or a checkout in which scripts/build has run"
        )

    def jars_for(self, run: str) -> str:
        """What ``--jars`` is given for a run in that directory."""
        return ",".join(str(jar) for jar in self.jars + (self.s3_jars if run.startswith("s3a:") else ()))


def jars_in(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder.glob("*.jar")))
