"""The pages that one user has had read today.

The day is UTC's, and a job counts for the day of its submission, which its id tells: with the pages that it asked for,
as its record has them once the document was opened, and until then as one. Pages are never given back: not by a
cancellation, a retry or a deletion. What is counted is read from the by-time index and the records whenever it is
asked for, at most twice a second, so that a count that begins in the middle of the day knows the morning.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobCorrupt, BlobNotFound, DocumentError
from cluster.ids import first_job_id_at, is_job_id, moment_of
from cluster.record import JobRecord, Tombstone, decode

UNKNOWN = 1
"""Pages that a job counts as until its document was opened."""

LATE = timedelta(minutes=2)
"""So long after its id was drawn, at the most, an index entry is written: a document's first bytes come before."""

READ_AT_ONCE = 32
MOST_READ = 256
_LISTED = 1000


class DayPages:
    """day: its midnight, UTC."""

    def __init__(self, store: BlobStore, email: str, day: datetime) -> None:
        self.day = day
        self._store = store
        self._email = email
        self._pages: dict[str, int] = {}
        self._unsettled: dict[str, None] = {}
        self._reserved: set[str] = set()
        self._listed_to = day

    @property
    def total(self) -> int:
        return sum(self._pages.values())

    def reserve(self, job_id: str) -> None:
        """The job is being submitted; nothing needs to be stored of it yet."""
        if job_id not in self._pages and moment_of(job_id) >= self.day:
            self._reserved.add(job_id)
            self._note(job_id)

    def settle_reservation(self, job_id: str, *, kept: bool) -> None:
        if job_id in self._reserved:
            self._reserved.discard(job_id)
            if not kept:
                self._forget(job_id)

    def learn(self, job_id: str, pages: int) -> None:
        """The job's pages are known, and need not be looked up."""
        if moment_of(job_id) >= self.day:
            self._pages[job_id] = pages
            self._unsettled.pop(job_id, None)

    async def refresh(self) -> None:
        """Looks for jobs that are new, and for the pages of those whose pages were not known. BlobError."""
        await self._list_new()
        waiting = [job_id for job_id in self._unsettled if job_id not in self._reserved][:MOST_READ]
        for at in range(0, len(waiting), READ_AT_ONCE):
            await asyncio.gather(*(self._settle(job_id) for job_id in waiting[at : at + READ_AT_ONCE]))
        for job_id in waiting:  # those that stay unsettled are asked again after all others
            if job_id in self._unsettled:
                self._unsettled[job_id] = self._unsettled.pop(job_id)

    async def _list_new(self) -> None:
        folder = layout.index_of_user(self._email)
        start = folder + first_job_id_at(max(self.day, self._listed_to - LATE))
        while True:
            listed = await self._store.list(folder, start, _LISTED)
            for job_id in (info.name.removeprefix(folder) for info in listed):
                if is_job_id(job_id):
                    self._note(job_id)
                    self._listed_to = max(self._listed_to, moment_of(job_id))
            if len(listed) < _LISTED:
                return
            start = listed[-1].name + "\0"

    async def _settle(self, job_id: str) -> None:
        try:
            record = await self._record(job_id)
            if record is None:
                if await self._read(layout.marker(job_id)) is None and await self._record(job_id) is None:
                    self._forget(job_id)  # the rest of a submission that was never accepted
                return
        except BlobCorrupt:
            return  # perhaps on its way only: the next look reads it again
        if isinstance(record, JobRecord):
            if record.pages:
                self._pages[job_id] = len(record.pages)
            elif record.terminal:
                self._pages[job_id] = 0  # the document could not be opened
            else:
                return
        self._unsettled.pop(job_id, None)

    async def _record(self, job_id: str) -> JobRecord | Tombstone | None:
        data = await self._read(layout.record(layout.job_prefix(self._email, job_id)))
        try:
            return None if data is None else decode(data)
        except DocumentError:
            return Tombstone(job_id, 0, 0)  # unreadable: its pages will not be known either

    async def _read(self, name: str) -> bytes | None:
        try:
            return (await self._store.read(name)).data
        except BlobNotFound:
            return None

    def _note(self, job_id: str) -> None:
        if job_id not in self._pages:
            self._pages[job_id] = UNKNOWN
            self._unsettled[job_id] = None

    def _forget(self, job_id: str) -> None:
        self._unsettled.pop(job_id, None)
        self._pages.pop(job_id, None)
