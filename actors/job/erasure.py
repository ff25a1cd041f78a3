"""Erasure: all that is stored of one job, but for its record and its marker, is removed.

Every step may be done again, by this process or another: what is gone already is no error. What the blob store does not
answer is tried until it does.
"""

from __future__ import annotations

import asyncio
import logging
import re
from functools import partial

from actors.job.ledger import BACKOFF_S
from actors.job.patience import patiently
from cluster import layout
from cluster.blobs.port import Blob, BlobStore
from cluster.clock import Clock, to_text
from cluster.errors import BlobConflict, BlobCorrupt, BlobNotFound, RecordDamaged
from cluster.idempotency import decode_entry

log = logging.getLogger(__name__)

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
        entry = await self._read(self._index)
        noted = "" if entry is None else entry.data.decode("ascii", "replace")
        for hashed_key in {self._hashed_key, noted}:
            if _HASH.fullmatch(hashed_key):
                name = layout.idempotency_entry(self._user, hashed_key)
                await self._remove_key(name)
        removed = await self._empty_folder()
        await self._remove(self._index)
        return removed

    async def announce_tombstone(self) -> None:
        """Notes under today's date that a tombstone will stand here, so that none does that retention can't find."""
        name = layout.tombstone_entry(to_text(self._clock.now())[:10], self._prefix)
        await patiently(self._clock, partial(self._blobs.put, name, b"", durable=True))

    async def _empty_folder(self) -> int:
        """Everything under the prefix but the record."""
        removed, start = 0, ""
        places = asyncio.Semaphore(AT_ONCE)

        async def remove(name: str) -> None:
            async with places:
                await self._remove(name)

        while True:
            listed = await patiently(self._clock, partial(self._blobs.list, self._prefix, start, LISTED))
            names = [info.name for info in listed if info.name != layout.record(self._prefix)]
            await asyncio.gather(*(remove(name) for name in names))
            removed += len(names)
            if len(listed) < LISTED:
                return removed
            start = listed[-1].name + "\0"

    async def _remove_key(self, name: str) -> None:
        """The entry goes unless it names another job by now: then the key was free, and has been used again."""
        while (entry := await self._read(name)) is not None and self._names_this_job(entry, name):
            try:
                await self._remove(name, entry.generation)
                break
            except BlobConflict:
                log.debug("job %s: %s changed while it was removed", self._job_id, name)
                await self._clock.sleep(BACKOFF_S[0])

    def _names_this_job(self, entry: Blob, name: str) -> bool:
        try:
            return decode_entry(entry.data).marker.job_id == self._job_id
        except RecordDamaged as error:
            log.warning("job %s: %s is left: %s", self._job_id, name, error.detail)
            return False

    async def _remove(self, name: str, generation: int | None = None) -> None:
        """BlobConflict: it is another one than ``generation``."""
        try:
            await patiently(self._clock, partial(self._blobs.delete, name, generation))
        except BlobNotFound:
            log.debug("%s is gone already", name)

    async def _read(self, name: str) -> Blob | None:
        """The blob; None where there is none, or nothing of use in it."""
        try:
            return await patiently(self._clock, partial(self._blobs.read, name))
        except BlobNotFound:
            return None
        except BlobCorrupt as error:
            log.warning("job %s: %s", self._job_id, error.detail)
            return None
