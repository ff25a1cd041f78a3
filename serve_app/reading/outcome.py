"""How the reading of one document ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from gnosis_ocr import ErrorInfo, Job, PageStatus
from serve_app.exit_codes import ExitCode

NAMED_PAGES = 20
"""A line names so many failed pages."""


class Ending(StrEnum):
    """KEPT: there was nothing to do, the result stands in the folder from before."""

    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    KEPT = "kept"

    @property
    def code(self) -> ExitCode:
        return {Ending.COMPLETED: ExitCode.OK, Ending.KEPT: ExitCode.OK, Ending.PARTIAL: ExitCode.PARTIAL}.get(
            self, ExitCode.FAILED
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """document: as it was named. job: None where none was made, or none was asked for. error: what went wrong with the
    request or the file; what went wrong with the job stands in it. result: where it was written. content: the result
    itself, where it was not."""

    document: str
    ending: Ending
    job: Job | None = None
    error: ErrorInfo | None = None
    result: Path | None = None
    content: bytes | None = None

    @property
    def fault(self) -> ErrorInfo | None:
        return self.error or (self.job.error if self.job is not None else None)

    def line(self) -> str:
        """What people are told of it, without the document's name."""
        where = "" if self.result is None else str(self.result)
        if self.ending is Ending.PARTIAL and self.job is not None:
            told = f"partial: could not read page {named_pages(failed_pages(self.job))}."
            return f"{where}, {told}" if where else told
        if self.ending is Ending.CANCELLED:
            return "the job was cancelled."
        if self.ending is Ending.FAILED:
            return "the job failed." if self.fault is None else f"{self.fault.code}: {self.fault.message}"
        return where

    def as_json(self, output: str) -> dict[str, Any]:
        """For ``--json``; content is text here."""
        line: dict[str, Any] = {"file": self.document, "status": self.ending.value, "format": output}
        if self.job is not None:
            line |= {"job_id": self.job.job_id, "pages": len(self.job.pages), "pages_failed": self.job.pages_failed}
        if self.fault is not None:
            line["error"] = {"code": self.fault.code, "message": self.fault.message}
        if self.result is not None:
            line["result"] = str(self.result)
        if self.content is not None:
            line["text"] = self.content.decode("utf-8", "replace")
        return line


def failed_pages(job: Job) -> list[str]:
    """``3 (render_failed)`` for each page that could not be read, in order."""
    failed = [(number, page) for number, page in sorted(job.pages.items()) if page.status is PageStatus.FAILED]
    return [f"{number} ({page.error.code})" if page.error else str(number) for number, page in failed]


def named_pages(failed: list[str]) -> str:
    more = f" and {len(failed) - NAMED_PAGES} more" if len(failed) > NAMED_PAGES else ""
    return f"{', '.join(failed[:NAMED_PAGES])}{more}"


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """The exit code of a sitting: that of the worst of what happened in it."""
    order = (ExitCode.OK, ExitCode.PARTIAL, ExitCode.FAILED, ExitCode.NO_SERVER, ExitCode.INTERRUPTED)
    return max(codes, key=order.index, default=ExitCode.OK)


def tally(outcomes: Iterable[Outcome]) -> str:
    """``3 read, 1 partial, 1 failed, 5 done before``; without what did not happen."""
    words = {
        Ending.COMPLETED: "read",
        Ending.PARTIAL: "partial",
        Ending.FAILED: "failed",
        Ending.CANCELLED: "cancelled",
        Ending.KEPT: "done before",
    }
    endings = [outcome.ending for outcome in outcomes]
    return (
        ", ".join(f"{endings.count(each)} {word}" for each, word in words.items() if each in endings) or "nothing read"
    )
