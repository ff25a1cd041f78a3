"""What a run tells of its documents: results and JSON on stdout, the rest on stderr."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

import typer

from gnosis_ocr import ErrorInfo
from serve_app.command_output import print_json_line
from serve_app.exit_codes import complain, complaint
from serve_app.reading.order import Format
from serve_app.reading.outcome import Ending, Outcome


class Report:
    """stdout: where results go. documents: how many there are. in_order: results come in the order of the documents,
    whichever is done first; else as they are done.

    say: how a line reaches people, while bars are shown another way. outcomes: what was told of so far.
    """

    def __init__(self, stdout: TextIO, format: Format, documents: int, *, as_json: bool, in_order: bool) -> None:
        self._stdout = stdout
        self._format = format
        self._many = documents > 1
        self._as_json = as_json
        self._in_order = in_order
        self._waiting: dict[int, Outcome] = {}
        self._next = 0
        self._printed = 0
        self.say: Callable[[str], None] = complain
        self.outcomes: list[Outcome] = []

    def nothing(self, name: str, why: str) -> None:
        """What was named led to no document."""
        self._tell(Outcome(name, Ending.FAILED, error=ErrorInfo("file_not_found", f"{why}.")))

    def ended(self, number: int, outcome: Outcome) -> None:
        """number: of the document, from 0."""
        if not self._in_order:
            self._tell(outcome)
            return
        self._waiting[number] = outcome
        while self._next in self._waiting:
            self._tell(self._waiting.pop(self._next))
            self._next += 1

    def close(self) -> None:
        """No more come: tells of those that waited for one that never came."""
        for number in sorted(self._waiting):
            self._tell(self._waiting.pop(number))

    def _tell(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        if self._as_json:
            print_json_line(outcome.as_json(self._format.value), file=self._stdout)
        elif outcome.content is not None:
            self._print(outcome.document, outcome.content)
        line = outcome.line()
        if line and outcome.ending is not Ending.KEPT:
            named = self._many or outcome.job is None or outcome.result is not None
            self.say(f"{outcome.document}: {line}" if named else line)

    def _print(self, document: str, content: bytes) -> None:
        if self._many and self._format is not Format.JSON:  # JSON documents part by themselves
            gap = "\n" if self._printed else ""
            typer.echo(f"{gap}==> {document} <==", file=self._stdout)
        typer.echo(content, file=self._stdout, nl=self._many and not content.endswith(b"\n"))
        self._printed += 1
