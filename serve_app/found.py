"""A job's record as it was found for its caller."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cluster.errors import JobNotFound
from cluster.record import JobRecord, JobStatus, Tombstone, decode
from serve_app.identity import Identity


@dataclass(frozen=True)
class Found:
    """The record and the bytes to show. One serves all who ask for this version."""

    record: JobRecord
    data: bytes

    @cached_property
    def etag(self) -> str:
        return self.record.etag

    @cached_property
    def caching(self) -> dict[str, str]:
        """Headers that let a client ask for what is newer."""
        return {"ETag": self.etag, "Cache-Control": "private, no-cache"}

    @cached_property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Of an answer with the whole of it, as ASGI has them."""
        named = {**self.caching, "Content-Type": "application/json", "Content-Length": str(len(self.data))}
        return tuple((name.lower().encode(), value.encode()) for name, value in named.items())


def found_in(data: bytes) -> Found | Tombstone:
    """data: a record as it is stored. RecordTooNew, RecordDamaged."""
    record = decode(data)
    return record if isinstance(record, Tombstone) else Found(record, data)


def found_for(caller: Identity, job_id: str, data: bytes) -> Found:
    """The record in ``data``. JobNotFound where it is deleted, or not the caller's; RecordTooNew, RecordDamaged."""
    return checked(caller, job_id, found_in(data))


def is_deleted(found: Found | Tombstone) -> bool:
    """Whether nobody finds the job any more."""
    return isinstance(found, Tombstone) or found.record.status in (JobStatus.DELETING, JobStatus.DELETED)


def checked(caller: Identity, job_id: str, found: Found | Tombstone) -> Found:
    """JobNotFound where the record is deleted, not the caller's, or another job's."""
    if isinstance(found, Tombstone) or is_deleted(found):
        raise JobNotFound
    if found.record.job_id != job_id or not caller.owns(found.record.user_email):
        raise JobNotFound
    return found
