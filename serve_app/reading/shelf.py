"""Where results go: a folder that keeps them from one sitting to the next, or the hands of whoever asked."""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from gnosis_ocr import AsyncClient, Job, JobStatus, PageStatus
from serve_app.reading.journal import Entry, Journal, State
from serve_app.reading.order import ReadingOrder
from serve_app.reading.outcome import Ending, Outcome
from serve_app.reading.result_file import written_whole

STATES = {Ending.COMPLETED: State.DONE, Ending.PARTIAL: State.PARTIAL}
"""Of jobs of which there is a result."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A document's spot on a shelf. key: of its job, None for one that is used once. kept: the outcome, where there
    is nothing to do. entry: of a folder's journal."""

    document: Path
    key: str | None = None
    kept: Outcome | None = None
    entry: Entry | None = None


class Shelf(Protocol):
    async def spot(self, document: Path) -> Spot:
        """Before it is read. OSError: the document can't be read. FolderUnusable."""

    def accepted(self, spot: Spot, job: Job) -> None: ...

    async def put(self, client: AsyncClient, spot: Spot, job: Job) -> Outcome:
        """The outcome of a job that has ended, with its result where it has one. The client's errors; OSError."""

    def failed(self, spot: Spot) -> None:
        """There was no job, or it could not be followed to its end."""


class Hands:
    """Nothing is kept: the outcome has the content."""

    def __init__(self, order: ReadingOrder) -> None:
        self._order = order

    async def spot(self, document: Path) -> Spot:
        return Spot(document)

    def accepted(self, spot: Spot, job: Job) -> None:
        return None

    async def put(self, client: AsyncClient, spot: Spot, job: Job) -> Outcome:
        ending = ending_of(job)
        if ending not in STATES:
            return Outcome(str(spot.document), ending, job)
        content = await client.result(job, self._order.format.value)
        return Outcome(str(spot.document), ending, job, content=content)

    def failed(self, spot: Spot) -> None:
        return None


class Folder:
    """Results lie beside each other in the journal's folder."""

    def __init__(self, journal: Journal, order: ReadingOrder) -> None:
        self._journal = journal
        self._order = order

    async def spot(self, document: Path) -> Spot:
        source, output, asked = source_of(document), self._order.format, self._order.asked
        result = self._journal.result_name(source, output)  # before anything is waited for: in the order of documents
        content = await asyncio.to_thread(_sha256, document)
        done = self._journal.finished(source, output, content, asked)
        if done is not None:
            return Spot(document, kept=Outcome(str(document), Ending.KEPT, result=self._path(done)))
        entry = Entry(result, str(source), output.value, content, asked, State.BEGUN)
        self._journal.note(entry)
        return Spot(document, key=self._journal.key(content, asked), entry=entry)

    def accepted(self, spot: Spot, job: Job) -> None:
        self._note(spot, State.BEGUN, job)

    async def put(self, client: AsyncClient, spot: Spot, job: Job) -> Outcome:
        assert spot.entry is not None
        ending = ending_of(job)
        if ending not in STATES:
            self._note(spot, State.FAILED, job)
            return Outcome(str(spot.document), ending, job)
        path = self._path(spot.entry)
        with written_whole(path) as part:
            await client.download(job, self._order.format.value, part)
        self._note(spot, STATES[ending], job)
        return Outcome(str(spot.document), ending, job, result=path)

    def failed(self, spot: Spot) -> None:
        self._note(spot, State.FAILED)

    def _note(self, spot: Spot, state: State, job: Job | None = None) -> None:
        assert spot.entry is not None
        self._journal.note(replace(spot.entry, state=state, job_id=None if job is None else job.job_id))

    def _path(self, entry: Entry) -> Path:
        return self._journal.folder / entry.result


def ending_of(job: Job) -> Ending:
    """A job that was cancelled after its last page was read is as good as one that was not."""
    if job.status is JobStatus.CANCELLED:
        whole = bool(job.pages) and all(page.status is PageStatus.COMPLETED for page in job.pages.values())
        return Ending.COMPLETED if whole else Ending.CANCELLED
    return {JobStatus.COMPLETED: Ending.COMPLETED, JobStatus.PARTIAL: Ending.PARTIAL}.get(job.status, Ending.FAILED)


def source_of(document: Path) -> Path:
    """By which a journal knows it, wherever the command is called."""
    return Path(os.path.abspath(document))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
