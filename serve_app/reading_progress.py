"""Progress of one document on stderr: sending, extracting and reading, a bar each; silent where no one watches."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cluster.record import JobRecord
from serve_app.page_counts import page_counts


class ReadingProgress:
    """A context manager; the bars are gone at its end."""

    def __init__(self, console: Console | None = None) -> None:
        console = console or Console(stderr=True)
        columns = (
            TextColumn("{task.description:<10}"),
            BarColumn(),
            TextColumn("{task.fields[done]}"),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def sent(self, done: int, size: int) -> None:
        """Bytes of the document handed over so far, and all."""
        self._move("sending", done, size, f"{done / 1e6:.1f}/{size / 1e6:.1f} MB")

    def show(self, record: JobRecord) -> None:
        counts = page_counts(record)
        of = "?" if counts.total is None else str(counts.total)
        failed = f", {counts.failed} failed" if counts.failed else ""
        self._move("extracting", counts.extracted, counts.total, f"{counts.extracted}/{of} pages")
        self._move("reading", counts.read, counts.total, f"{counts.read}/{of} pages{failed}")

    def _move(self, name: str, done: int, total: int | None, text: str) -> None:
        if name not in self._bars:
            self._bars[name] = self._progress.add_task(name, total=total, done=text)
        self._progress.update(self._bars[name], completed=done, total=total, done=text)
