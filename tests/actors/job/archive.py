"""A blob store with jobs of all ages, and retention over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from actors.job.retention import Retention
from cluster import layout
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock
from cluster.errors import BlobNotFound
from cluster.idempotency import IdempotencyEntry, encode_entry
from cluster.ids import first_job_id_at
from cluster.marker import Marker, Operation, decode_marker, queued_record
from cluster.record import FileInfo, JobRecord, JobStatus, Tombstone, encode

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ADA, BOB = "ada@example.org", "bob@example.org"


class Archive:
    """A store with jobs of all ages, and retention over it."""

    def __init__(self, days: int | None = 30) -> None:
        self.store = MemoryBlobStore()
        self.clock = ManualClock(NOW)
        self.retention = Retention(self.store, self.clock, days, pause_s=0)
        self._drawn = 0

    def marker(self, age: timedelta, email: str = ADA, key: str | None = None) -> Marker:
        self._drawn += 1
        job_id = first_job_id_at(NOW - age)[:-6] + f"{self._drawn:06x}"
        document = FileInfo("a.pdf", "pdf", 0, "raw/document.pdf", 5)
        hashed = None if key is None else layout.key_hash(key)
        prefix = layout.job_prefix(email, job_id)
        return Marker(job_id, Operation.RUN, 1, email, prefix, document, "2026-01-01T00:00:00Z", idempotency=hashed)

    async def upload(self, age: timedelta, email: str = ADA, key: str | None = None) -> Marker:
        """Index entry, document, and idempotency entry where there is a key: a submission up to its marker."""
        marker = self.marker(age, email, key)
        await self.store.put(layout.index(email, marker.job_id), (marker.idempotency or "").encode())
        await self.store.put(marker.prefix + marker.document.raw_file, b"%PDF-")
        if key is not None:
            await self.store.put(layout.idempotency(email, key), encode_entry(IdempotencyEntry("d", marker)))
        return marker

    async def job(self, age: timedelta, status: JobStatus = JobStatus.COMPLETED, email: str = ADA) -> Marker:
        marker = await self.upload(age, email)
        await self.save(marker, replace(queued_record(marker), status=status, epoch=1, revision=3))
        return marker

    async def tombstone(self, deleted: timedelta) -> Marker:
        marker = self.marker(deleted)
        await self.save(marker, Tombstone(marker.job_id, 2, 9))
        await self.store.put(layout.tombstone_entry(f"{NOW - deleted:%Y-%m-%d}", marker.prefix), b"")
        return marker

    async def save(self, marker: Marker, record: JobRecord | Tombstone) -> None:
        await self.store.put(layout.record(marker.prefix), encode(record))

    async def names_of(self, marker: Marker) -> list[str]:
        return [info.name for info in await self.store.list("", limit=10_000) if marker.job_id in info.name]

    async def order(self, marker: Marker) -> Marker | None:
        try:
            return decode_marker((await self.store.read(layout.marker(marker.job_id))).data)
        except BlobNotFound:
            return None
