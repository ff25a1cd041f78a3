"""What a sitting tells of its documents: results and JSON on stdout, the rest on stderr."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import typer

from gnosis_ocr import ErrorInfo, Job
from serve_app.command_output import print_json_line
from serve_app.exit_codes import ExitCode, complain
from serve_app.reading.order import Format
from serve_app.reading.outcome import Ending, Outcome, tally, worst


class Report:
    """stdout: where results go. documents: how many there are. folder: where results are kept; without one they are
    printed in the order of the documents, whichever is done first.

    say: how a line reaches people, while bars are shown another way.
    """

    def __init__(self, stdout: TextIO, output: Format, documents: int, *, as_json: bool, folder: Path | None) -> None:
        self._stdout = stdout
        self._format = output
        self._many = documents > 1
        self._as_json = as_json
        self._folder = folder
        self._outcomes: list[Outcome] = []
        self._waiting: dict[int, Outcome] = {}
        self._next = 0
        self._printed = 0
        self.say: Callable[[str], None] = complain
        self.interrupted = False

    @property
    def code(self) -> ExitCode:
        """Of the worst that was told of."""
        codes = [outcome.ending.code for outcome in self._outcomes]
        return worst([*codes, ExitCode.INTERRUPTED] if self.interrupted else codes)

    def nothing(self, name: str, why: str) -> None:
        """What was named led to no document."""
        self._tell(Outcome(name, Ending.FAILED, error=ErrorInfo("file_not_found", f"{why}.")), named=True)

    def accepted(self, job: Job) -> None:
        """There is a job."""
        if not self._many and self._folder is None:
            self.say(f"job {job.job_id}")

    def ended(self, number: int, outcome: Outcome) -> None:
        """number: of the document, from 0."""
        if self._folder is not None:
            self._tell(outcome)
            return
        self._waiting[number] = outcome
        while self._next in self._waiting:
            self._tell(self._waiting.pop(self._next))
            self._next += 1

    def close(self, cancelled: int) -> None:
        """No more come: tells of those that waited for one that never came, and of the sitting. cancelled: jobs."""
        for number in sorted(self._waiting):
            self._tell(self._waiting.pop(number))
        kept = "" if self._folder is None else f"; results in {self._folder}"
        if self.interrupted:
            jobs = "1 job" if cancelled == 1 else f"{cancelled} jobs"
            begun = f"{tally(self._outcomes)}{kept}; the same command goes on" if self._folder else ""
            self.say(f"interrupted, {jobs} cancelled{f'; {begun}' if begun else ''}.")
        elif self._many or self._folder is not None:
            self.say(f"{tally(self._outcomes)}{kept}.")

    def _tell(self, outcome: Outcome, *, named: bool = False) -> None:
        self._outcomes.append(outcome)
        if self._as_json:
            print_json_line(outcome.as_json(self._format.value), file=self._stdout)
        elif outcome.content is not None:
            self._print(outcome.document, outcome.content)
        line = outcome.line()
        if line and outcome.ending is not Ending.KEPT:
            named = named or self._many or self._folder is not None
            self.say(f"{outcome.document}: {line}" if named else line)

    def _print(self, document: str, content: bytes) -> None:
        if self._many and self._format is not Format.JSON:  # JSON documents part by themselves
            gap = "\n" if self._printed else ""
            typer.echo(os.fsencode(f"{gap}==> {document} <=="), file=self._stdout)  # a name need be no UTF-8
        typer.echo(content, file=self._stdout, nl=self._many and not content.endswith(b"\n"))
        self._printed += 1
