"""Erasure: all that is stored of one job, but for its record and its marker, is removed.

Every step may be done again, by this process or another: what is gone already is no error. What the blob store does not
answer is tried until it does.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from actors.job.ledger import BACKOFF_S
from cluster import layout
from cluster.blobs.port import Blob, BlobStore
from cluster.clock import Clock, to_text
from cluster.errors import BlobConflict, BlobCorrupt, BlobError, BlobNotFound, RecordDamaged
from cluster.idempotency import decode_entry

log = logging.getLogger(__name__)

T = TypeVar("T")

AT_ONCE = 16
LISTED = 1000
_HASH = re.compile(r"[0-9a-f]{64}")


class Erasure:
    """prefix: the job's folder; ValueError where it is none. hashed_key: of its Idempotency-Key, as far as known."""

    def __init__(self, blobs: BlobStore, clock: Clock, prefix: str, hashed_key: str | None = None) -> None:
        self._blobs = blobs
        self._clock = clock
        self._prefix = prefix
        self._user, self._job_id = layout.parts_of_job_prefix(prefix)
        self._index = layout.index_folder(self._user) + self._job_id
        self._hashed_key = hashed_key or ""

    async def run(self) -> int:
        """Removes the idempotency entry, the blobs, the index entry; returns how many blobs there were.

        In this order: the index entry, by which the others are found, goes last.
        """
        entry = await self._until_answered(partial(self._read, self._index))
        noted = "" if entry is None else entry.data.decode("ascii", "replace")
        for hashed_key in {self._hashed_key, noted}:
            if _HASH.fullmatch(hashed_key):
                name = layout.idempotency_entry(self._user, hashed_key)
                await self._until_answered(partial(self._remove_key, name))
        removed = await self._empty_folder()
        await self._until_answered(partial(self._remove, self._index))
        return removed

    async def announce_tombstone(self) -> None:
        """Notes under today's date that a tombstone will stand here, so that none does that retention can't find."""
        name = layout.tombstone_entry(to_text(self._clock.now())[:10], self._prefix)
        await self._until_answered(partial(self._blobs.put, name, b"", durable=True))

    async def _empty_folder(self) -> int:
        """Everything under the prefix but the record."""
        removed, start = 0, ""
        places = asyncio.Semaphore(AT_ONCE)

        async def remove(name: str) -> None:
            async with places:
                await self._until_answered(partial(self._remove, name))

        while True:
            listed = await self._until_answered(partial(self._blobs.list, self._prefix, start, LISTED))
            names = [info.name for info in listed if info.name != layout.record(self._prefix)]
            await asyncio.gather(*(remove(name) for name in names))
            removed += len(names)
            if len(listed) < LISTED:
                return removed
            start = listed[-1].name + "\0"

    async def _remove_key(self, name: str) -> None:
        """The entry goes unless it names another job by now: then the key was free, and has been used again."""
        entry = await self._read(name)
        if entry is None:
            return
        try:
            named = decode_entry(entry.data).marker.job_id
        except RecordDamaged as error:
            log.warning("job %s: %s is left: %s", self._job_id, name, error.detail)
            return
        if named == self._job_id:
            await self._remove(name, entry.generation)

    async def _remove(self, name: str, generation: int | None = None) -> None:
        try:
            await self._blobs.delete(name, generation)
        except BlobNotFound:
            log.debug("%s is gone already", name)

    async def _read(self, name: str) -> Blob | None:
        """The blob; None where there is none, or nothing of use in it."""
        try:
            return await self._blobs.read(name)
        except BlobNotFound:
            return None
        except BlobCorrupt as error:
            log.warning("job %s: %s", self._job_id, error.detail)
            return None

    async def _until_answered(self, operation: Callable[[], Awaitable[T]]) -> T:
        """A BlobConflict is tried again as well: what was read has changed, and is read anew."""
        attempt = 0
        while True:
            try:
                return await operation()
            except BlobConflict:
                log.debug("job %s: a blob changed while it was removed", self._job_id)
            except BlobError as error:
                log.warning("job %s: its blobs could not be removed yet: %s", self._job_id, error.detail)
            await self._clock.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1
