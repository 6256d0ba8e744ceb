"""How a stage ended: by what its driver left in the run's directory, and by what spark-submit says.

Spark loses exit codes: a driver on a standalone cluster ends as FAILED, whatever its code was. A driver that was given
a name (``-Dcria.invocation=ID``) leaves its exit code and its last line in RUN/_outcomes/ID.json, also where it was
refused before it held the run; RUN/status.json has those of the last driver that held it. All tries of a task bear one
name, because a later try may watch a driver that an earlier one submitted. So both files are looked at before a try and
after it, and count where they changed; no clocks are compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from airflow.sdk import ObjectStoragePath
from airflow.sdk.exceptions import AirflowException

STOPPED = 3
RUNNING = "running"

#: Cria's exit codes of what did not end well.
CODES = range(1, 7)


@dataclass(frozen=True)
class Status:
    """status.json of a run, or of a training in it.

    :param state: running, done, stopped, capped or failed
    :param exit_code: of the last invocation; -1 while it runs
    :param reason: why it did not end well; else empty
    :param updated_at: when it was written, by the driver's clock
    :param spend: what the ledger sums up to; nothing of a training
    :param is_short: whether a cap ended the line short of its target
    :param invocation: the name that the driver was given; empty without one
    """

    state: str
    exit_code: int
    reason: str
    updated_at: str
    spend: dict[str, Any]
    is_short: bool
    invocation: str

    @classmethod
    def read(cls, work: str) -> Status | None:
        """The status in that directory; none where nothing was ever begun there."""
        fields = read_json(work, "status.json")
        if fields is None:
            return None
        return cls(
            state=fields["state"],
            exit_code=fields["exit_code"],
            reason=fields["reason"],
            updated_at=fields["updated_at"],
            spend=fields.get("spend") or {},
            is_short=bool(fields.get("shortfall")),
            invocation=fields.get("invocation") or "",
        )


@dataclass(frozen=True)
class LastWords:
    """RUN/_outcomes/ID.json.

    :param exit_code: the driver's
    :param line: its error's one line; empty where it ended well
    :param text: what it had to say
    :param at: when it ended, by its clock
    """

    exit_code: int
    line: str
    text: str
    at: str

    @classmethod
    def read(cls, run: str, invocation: str) -> LastWords | None:
        """Those of the last driver of that name; none where it left none."""
        fields = read_json(run, f"_outcomes/{invocation}.json")
        if fields is None:
            return None
        return cls(exit_code=fields["exit_code"], line=fields["line"], text=fields["text"], at=fields["at"])


def read_json(run: str, name: str) -> dict[str, Any] | None:
    """A file of a run's directory; none where there is none."""
    try:
        text = (ObjectStoragePath(run) / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    fields: dict[str, Any] = json.loads(text)
    return fields


@dataclass(frozen=True)
class Sight:
    """What a run's directory says of the drivers of one task.

    :param status: the run's, or the training's; of whatever driver
    :param words: the last that a driver of this task has left
    """

    status: Status | None
    words: LastWords | None

    @classmethod
    def of(cls, run: str, work: str, invocation: str) -> Sight:
        """
        :param work: the directory with the status: the run's, or a training's in it
        """
        return cls(Status.read(work), LastWords.read(run, invocation))

    def new_words(self, before: Sight) -> LastWords | None:
        """Those that were left since ``before``."""
        return None if self.words == before.words else self.words

    def new_status(self, before: Sight, invocation: str) -> Status | None:
        """The status, where a driver of that name has written it since ``before``, or one without a name."""
        if self.status is None or self.status == before.status or self.status.invocation not in ("", invocation):
            return None
        return self.status

    def is_at_work(self) -> bool:
        """Whether the status says that a driver is at work; it may have been killed."""
        return self.status is not None and self.status.state == RUNNING


@dataclass(frozen=True)
class Outcome:
    """How one try of a stage that failed ended, as far as anybody knows.

    :param exit_code: Cria's; none where nothing tells it
    :param reason: in Cria's words where there are any, else in spark-submit's
    :param is_at_work: whether the run's status still says ``running``: its driver was killed, or nobody sees it
    """

    exit_code: int | None
    reason: str
    is_at_work: bool = False

    @classmethod
    def of(
        cls,
        failure: BaseException,
        code: int | None,
        said: Iterable[str],
        words: LastWords | None,
        status: Status | None,
        *,
        is_at_work: bool,
    ) -> Outcome:
        """Puts together what is known.

        :param failure: what the provider raised
        :param code: the driver's exit code, where spark-submit passes it on
        :param said: the last lines of spark-submit's output
        :param words: what this try's driver left
        :param status: the status that this try's driver wrote
        """
        if words is not None and words.exit_code in CODES:
            return cls(words.exit_code, words.line)
        if status is not None and status.exit_code in CODES:
            return cls(status.exit_code, status.reason)
        return cls(code, last_word(said) or first_line(failure), is_at_work)

    def __str__(self) -> str:
        if self.exit_code is not None:
            return f"exit code {self.exit_code}: {self.reason}"
        if self.is_at_work:
            return f"the driver was killed or is out of sight, status.json says {RUNNING}: {self.reason}"
        return f"no word of how it ended: {self.reason}"


class StageFailed(AirflowException):
    """A stage that did not end well.

    :ivar outcome: how
    """

    def __init__(self, command: str, run: str, outcome: Outcome) -> None:
        # Cria's own lines mostly name the run
        where = "" if run in outcome.reason else f", {run}"
        super().__init__(f"{command}{where}: {outcome}")
        self.outcome = outcome


def submitted_code(failure: BaseException) -> int | None:
    """Cria's exit code in the provider's message; none where spark-submit ended by a signal or in its own way."""
    found = re.search(r"Error code is: (\d+)\.", str(failure))
    code = int(found.group(1)) if found else 0
    return code if code in CODES else None


def last_word(lines: Iterable[str]) -> str:
    """Cria's last error line among them, without its prefix; empty where there is none."""
    words = [line for line in lines if line.startswith("cria: ")]
    return words[-1].removeprefix("cria: ") if words else ""


def first_line(failure: BaseException) -> str:
    """The head of a message that may carry a whole command line and its output."""
    lines = str(failure).splitlines() or [""]
    line = lines[0]
    if line.startswith("Cannot execute: "):
        line = "spark-submit failed" + line[line.rfind(". Error code is:") :]
    return f"{type(failure).__name__}: {line}"
