"""Finds a job's record for its caller.

The owning host answers first; where no host has the job, the store does: the record, or, before a JobActor has stored
one, the ``queued`` record made from the marker. A tombstone, a job being deleted and another user's job are all one:
not found.

Status is told from a watch (live_jobs.py) where the job is under one. Everything else, above all whatever would say
"not yet" or "no more", asks anew: another Ingress may have shown more already.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.clock import Clock
from cluster.errors import BlobNotFound, JobNotFound
from cluster.ids import is_job_id
from cluster.marker import Marker, Operation, decode_marker, queued_record
from cluster.record import Tombstone, encode
from serve_app.found import Found as Found
from serve_app.found import checked, found_in, is_deleted
from serve_app.gateway import Gateway, StoredRecord
from serve_app.identity import Identity
from serve_app.live_job import Demand
from serve_app.live_jobs import LiveJobs
from serve_app.record_cache import RecordCache
from serve_app.shared_reads import SharedReads


class Standing(Enum):
    """What the store knows of a job id."""

    ABSENT = "absent"
    PRESENT = "present"
    DELETED = "deleted"


class Records:
    def __init__(self, store: BlobStore, gateway: Gateway, clock: Clock) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock
        self._decoded = RecordCache()
        self._shared = SharedReads(store)
        self.live = LiveJobs(gateway, clock, self.find_stored)

    async def find(self, caller: Identity, job_id: str) -> Found:
        """The record as last stored. JobNotFound; RecordTooNew and RecordDamaged where it can't be read."""
        return (await self._find(caller, job_id))[0]

    async def find_live(self, caller: Identity, job_id: str) -> Found:
        """As ``find``, but a job under watch is answered without asking anybody; one that is not comes under watch."""
        found = self.live.shown(job_id)
        if found is not None:
            return checked(caller, job_id, found)
        found, held = await self._find(caller, job_id)
        if not found.record.terminal:
            self.live.keep(caller, found, held=held)
        return found

    async def _find(self, caller: Identity, job_id: str) -> tuple[Found, bool]:
        """The record, and whether a host showed it. One that had ended when it was last read is read first."""
        if not is_job_id(job_id):
            raise JobNotFound
        if self._decoded.has_ended(_name(caller, job_id)):
            found = await self.find_stored(caller, job_id)
            if found.record.terminal:
                return found, False
        held: StoredRecord | None = await self._gateway.status(job_id)
        if held is None:
            return await self.find_stored(caller, job_id), False
        return self._shown(caller, job_id, found_in(held.data)), True

    async def find_stored(self, caller: Identity, job_id: str) -> Found:
        """As ``find``, from the store alone."""
        found = await self._read(caller, job_id)
        if found is None:
            marker = await self._marker(job_id)
            if marker is not None:
                return found_in_marker(caller, marker)
            # The job may have begun and ended, marker and all, between the two reads.
            found = await self._read(caller, job_id)
        if found is None:
            raise JobNotFound
        return found

    async def standing(self, caller: Identity, job_id: str) -> Standing:
        """Reads the marker first: where that is missing, a record without which it was never removed comes after it."""
        marker = await self._marker(job_id)
        try:
            found = await self._read(caller, job_id)
        except JobNotFound:
            return Standing.DELETED
        if marker is not None and marker.operation is Operation.DELETE:
            return Standing.DELETED
        return Standing.ABSENT if marker is None and found is None else Standing.PRESENT

    async def deleted(self, caller: Identity, job_id: str) -> bool:
        """Whether the store says for good that the job is being deleted, or was: its record does, or nothing is left.

        A marker's word alone is not durable: a host that read an older one may still store the job's first record.
        """
        try:
            found = await self._read(caller, job_id)
        except JobNotFound:
            return True
        return found is None and await self._marker(job_id) is None

    async def changed(self, caller: Identity, found: Found, timeout_s: float) -> Found:
        """The record once its etag differs from ``found``'s, or as it is after ``timeout_s``."""
        etag = found.etag
        return await self._followed(caller, found, timeout_s, lambda now: now.etag != etag, until_end=False)

    async def ended(self, caller: Identity, found: Found, timeout_s: float) -> Found:
        """The record once it is terminal, or as it is after ``timeout_s``."""
        return await self._followed(caller, found, timeout_s, lambda now: now.record.terminal, until_end=True)

    async def _followed(
        self, caller: Identity, found: Found, timeout_s: float, arrived: Callable[[Found], bool], *, until_end: bool
    ) -> Found:
        deadline = self._clock.monotonic() + timeout_s
        with self.live.listening(caller, found, Demand.END if until_end else Demand.VERSIONS) as job:
            while True:
                view = job.view
                left = deadline - self._clock.monotonic()
                if arrived(view.found) or left <= 0:
                    return view.found
                await job.wait(view, left)

    async def _read(self, caller: Identity, job_id: str) -> Found | None:
        name = _name(caller, job_id)
        try:
            blob = await self._shared.read(name)
        except BlobNotFound:
            self._decoded.forget(name)
            return None
        return self._shown(caller, job_id, self._decoded.found(name, blob))

    def _shown(self, caller: Identity, job_id: str, stored: Found | Tombstone) -> Found:
        """Nothing older than what is shown here is told from the job's watch afterwards."""
        if is_deleted(stored):
            self.live.doubt(job_id)
        found = checked(caller, job_id, stored)
        self.live.offer(found)
        return found

    async def _marker(self, job_id: str) -> Marker | None:
        try:
            blob = await self._store.read(layout.marker(job_id))
        except BlobNotFound:
            return None
        return decode_marker(blob.data)


def found_in_marker(caller: Identity, marker: Marker) -> Found:
    """The ``queued`` record of an accepted job that no JobActor has begun."""
    if not caller.owns(marker.user_email) or marker.operation is Operation.DELETE:
        raise JobNotFound
    record = queued_record(marker)
    return Found(record, encode(record))


def _name(caller: Identity, job_id: str) -> str:
    return layout.record(layout.job_prefix(caller.email, job_id))
