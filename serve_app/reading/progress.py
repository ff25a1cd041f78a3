"""Progress on stderr: a bar for each document that is being read, and one for all; silent where no one watches."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from gnosis_ocr import Job

LONGEST_NAME = 28


class ReadingProgress:
    """A context manager; the bars are gone at its end. documents: how many there are in all."""

    def __init__(self, documents: int, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[told]}", markup=False),
            TimeElapsedColumn(),
        )
        watched = self._console.is_terminal and not self._console.is_dumb_terminal
        self._bars = Progress(*columns, console=self._console, transient=True, disable=not watched)
        self._documents = documents
        self._ended = self._pages = 0
        self._total = None if documents == 1 else self._bars.add_task("total", total=documents, told="")
        self._show_total()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def tell(self, line: str) -> None:
        """A line for people, above the bars."""
        self._console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def begin(self, name: str) -> DocumentProgress:
        return DocumentProgress(self, self._bars, name)

    def end(self, pages: int) -> None:
        """One more document is done with. pages: that were read of it now."""
        self._ended += 1
        self._pages += pages
        self._show_total()

    def _show_total(self) -> None:
        if self._total is not None:
            told = f"{self._ended}/{self._documents} documents, {self._pages} pages"
            self._bars.update(self._total, completed=self._ended, told=told)


class DocumentProgress:
    """The bar of one document: what was sent of it, then how far its job is."""

    def __init__(self, progress: ReadingProgress, bars: Progress, name: str) -> None:
        self._progress = progress
        self._bars = bars
        shown = name if len(name) <= LONGEST_NAME else f"…{name[1 - LONGEST_NAME :]}"
        self._bar: TaskID | None = bars.add_task(shown, total=None, told="waiting")

    def sent(self, done: int, size: int) -> None:
        """Bytes of the document."""
        self._move(done, size, f"sending {done / 1e6:.1f}/{size / 1e6:.1f} MB")

    def show(self, job: Job) -> None:
        total = len(job.pages)
        if not total:
            self._move(0, 100, str(job.status))
            return
        read = job.pages_completed + job.pages_failed
        failed = f", {job.pages_failed} failed" if job.pages_failed else ""
        extracted = "" if job.pages_extracted >= total else f", {job.pages_extracted} extracted"
        self._move(job.percent, 100, f"{read}/{total} pages{failed}{extracted}")

    def end(self, pages: int = 0) -> None:
        """pages: that were read of it now. May be called more than once."""
        if self._bar is not None:
            self._bars.remove_task(self._bar)
            self._bar = None
            self._progress.end(pages)

    def _move(self, done: int, total: int, told: str) -> None:
        if self._bar is not None:
            self._bars.update(self._bar, completed=done, total=total, told=told)
