"""One job's record in the blob store: claimed, saved and re-read so that two owners can never both write it.

Theory of operation. Every write carries the generation that this owner last saw, so a write by anybody else makes
ours fail. Two things are told apart when a write fails: the failure may be our own earlier write that landed although
its answer was lost (then we go on from it), or somebody else's claim (then we are fenced and never write again). The
record itself tells: it holds epoch, owner and revision. Conflict is not fencing.

Saving and re-reading take turns: a reading that was under way while a save landed would show an older version of ours.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from cluster.blobs.port import Blob, BlobStore
from cluster.clock import Clock
from cluster.errors import BlobConflict, BlobError, BlobNotFound, BlobThrottled, Fenced, RecordDamaged, RecordTooNew
from cluster.record import JobRecord, Tombstone, decode, encode

log = logging.getLogger(__name__)

BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
CLAIMS_APART_S = (0.1, 1.0, 1.0, 2.0, 5.0)
"""Pauses between tries of a claim: each may have been a write, and a name takes one a second, with a burst of three."""


class RecordLedger:
    """owner: ``<cluster>/<host name>/<incarnation>/<random>``, this claim's own.

    writes: how many were begun, whatever became of them; size: bytes of the last. written(outcome) is called at the
    end of each: saved, conflict, throttled or unclear.
    """

    def __init__(
        self,
        blobs: BlobStore,
        name: str,
        owner: str,
        clock: Clock,
        written: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._written = written
        self._blobs = blobs
        self._name = name
        self.owner = owner
        self._clock = clock
        self._generation = 0
        self._epoch = 0
        self.confirmed = 0
        self._tried = 0
        self._turn = asyncio.Lock()
        self._closed = False
        self.writes = 0
        self.size = 0
        self.saved_at = clock.monotonic()

    async def claim(self, found: Blob | None, record: JobRecord) -> tuple[JobRecord, bytes]:
        """Makes ``record`` (as found, or the queued one) ours and returns it as stored. Fenced: another was faster."""
        self._generation = found.generation if found else 0
        self._epoch = record.epoch + 1
        self.confirmed = record.revision
        claimed = replace(record, epoch=self._epoch, owner=self.owner)
        attempt = 0
        while (data := await self.save(claimed, claiming=True)) is None:
            await self._clock.sleep(CLAIMS_APART_S[min(attempt, len(CLAIMS_APART_S) - 1)])
            attempt += 1
        return replace(claimed, revision=self.confirmed), data

    async def save(self, record: JobRecord | Tombstone, *, claiming: bool = False) -> bytes | None:
        """Writes the record under the next revision; returns what is stored then, or None where nothing new is.

        A tombstone takes the record's place for good; it has our epoch, so that one of ours is told from another's.

        None: nothing is known to have landed, try again with the newest state. BlobThrottled: nothing was written.
        Fenced: another owner has the record.
        """
        async with self._turn:
            if self._closed:
                raise Fenced
            return await self._save(record, claiming)

    async def _save(self, record: JobRecord | Tombstone, claiming: bool) -> bytes | None:
        revision = max(self._tried, self.confirmed) + 1
        data = encode(replace(record, revision=revision))
        self._tried = revision
        self.writes, self.size = self.writes + 1, len(data)
        try:
            self._generation = await self._blobs.replace(self._name, data, self._generation)
        except BlobThrottled:
            self._written("throttled")
            if not claiming:
                raise
            return None
        except BlobError as error:
            self._written("conflict" if isinstance(error, BlobConflict) else "unclear")
            log.warning("record %s: a save is in doubt (%s), reading it again", self._name, type(error).__name__)
            return data if await self._landed(claiming) == revision else None
        self._written("saved")
        self._settle(revision)
        return data

    async def verify(self) -> None:
        """Reads the record again; Fenced if it is no longer ours."""
        async with self._turn:
            await self._landed(claiming=False)
            self.saved_at = self._clock.monotonic()

    def close(self) -> None:
        """No write is begun any more, not even by a save that waits for its turn: it ends as Fenced."""
        self._closed = True

    def _settle(self, revision: int) -> None:
        self.confirmed = revision
        self.saved_at = self._clock.monotonic()

    async def _landed(self, claiming: bool) -> int | None:
        """The revision of ours that stands there now, or None where it is the version last seen. Fenced otherwise."""
        found = await self._read()
        if found is None:
            if self._generation == 0:
                return None
            raise Fenced
        if found.generation == self._generation:
            return None
        record = self._decode(found)
        ours = record.epoch == self._epoch and self.confirmed < record.revision <= self._tried
        if claiming:
            ours = ours and not isinstance(record, Tombstone) and record.owner == self.owner
        if not ours:
            log.warning("record %s: fenced at epoch %d, it is now at %d", self._name, self._epoch, record.epoch)
            raise Fenced
        self._generation = found.generation
        self._settle(record.revision)
        return record.revision

    def _decode(self, found: Blob) -> JobRecord | Tombstone:
        try:
            return decode(found.data)
        except (RecordDamaged, RecordTooNew) as error:
            raise Fenced from error

    async def _read(self) -> Blob | None:
        """The record as it stands, however long the store needs to answer; None where there is none."""
        attempt = 0
        while True:
            try:
                return await self._blobs.read(self._name)
            except BlobNotFound:
                return None
            except BlobError:
                await self._clock.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
                attempt += 1
