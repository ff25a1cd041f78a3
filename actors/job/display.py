"""What a JobActor shows of its job, and who waits for the next version of it.

The record is shown as last stored. Pages whose result is stored are told of ahead of it (the record follows about once
a second): that is what they were stored for, and whoever owns the job next finds them.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from actors.job.shown import Shown
from cluster.record import JobRecord, JobStatus, PageStatus, Tombstone

TOGETHER_S = 0.1
"""So long the pages of one answer are collected: an answer for each would cost more than reading them."""


class Display:
    """first: the record as the claim has stored it. shown: as last stored, pages ahead left out."""

    def __init__(self, first: Shown) -> None:
        self.shown = first
        self._ahead: set[int] = set()
        self._closed = False
        self._watchers: set[asyncio.Future[None]] = set()

    def stored(self, now: Shown, record: JobRecord | Tombstone) -> None:
        """This version of the record is durable."""
        if isinstance(record, Tombstone) or record.status is JobStatus.DELETING:
            self._ahead.clear()
        else:  # which pages there are it may not tell yet, either
            completed = {n for n in self._ahead if n in record.pages and record.pages[n].status is PageStatus.COMPLETED}
            self._ahead -= completed
        self.shown = now
        self._wake()

    def result_stored(self, page: int, job: JobRecord) -> None:
        """The page's result is durable; ``job``: the record as it will be saved next."""
        if page in job.pages and job.pages[page].status is PageStatus.COMPLETED:
            self._ahead.add(page)
            self._wake()

    def close(self) -> None:
        """Nothing more will come."""
        self._closed = True
        self._wake()

    async def watch(self, etag: str, timeout_s: float, *, until_end: bool = False, ahead: int | None = None) -> Shown:
        """What is shown once the record is another than ``etag`` (and terminal), or after ``timeout_s``.

        ahead: also once more pages than so many are ahead of the record. The data of a version that is known already
        are left out, for they may be long.
        """

        def another() -> bool:
            return self.shown.etag != etag and (self.shown.terminal or not until_end)

        try:
            async with asyncio.timeout(timeout_s):
                while not (self._closed or another() or (ahead is not None and len(self._ahead) > ahead)):
                    await self._next_version()
                async with asyncio.timeout(TOGETHER_S):
                    while not (self._closed or another()):
                        await self._next_version()
        except TimeoutError:
            pass  # what is shown by then is the answer
        data = b"" if self.shown.etag == etag else self.shown.data
        return replace(self.shown, data=data, ahead=tuple(sorted(self._ahead)))

    def _wake(self) -> None:
        for watcher in self._watchers:
            if not watcher.done():
                watcher.set_result(None)

    async def _next_version(self) -> None:
        watcher: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._watchers.add(watcher)
        try:
            await watcher
        finally:
            self._watchers.discard(watcher)
