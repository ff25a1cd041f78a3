"""The marker: the job's durable order, and all that is needed to run it from nothing else.

Its existence is the acceptance of the job; it is removed when the job has ended and its callback, if one was asked for,
was taken or given up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import orjson

from cluster.errors import RecordDamaged
from cluster.layout import job_prefix
from cluster.options import JobOptions
from cluster.record import FileInfo, JobRecord, JobStatus, Step


class Operation(StrEnum):
    RUN = "run"
    CANCEL = "cancel"
    DELETE = "delete"
    CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class Marker:
    """prefix: the job's folder. document: the upload as file_info says it. created_at: the job's, as text.

    idempotency: SHA-256 hex of the client's Idempotency-Key, or None. The password stands here and nowhere else.
    reason: who wanted a deletion, ``user`` or ``retention``; None of all other orders. deliverer: who sends a callback
    that is due, as a record names its owner; empty where any host may. source_uri: where the job is to fetch its
    document; None where it was uploaded. source_limit: the most bytes that its user may have fetched.
    request_id: of the request by which the job was submitted, for logs; trace: its W3C traceparent.
    """

    job_id: str
    operation: Operation
    run: int
    user_email: str
    prefix: str
    document: FileInfo
    created_at: str
    options: Mapping[str, Any] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)
    idempotency: str | None = None
    reason: str | None = None
    deliverer: str = ""
    source_uri: str | None = None
    source_limit: int | None = None
    request_id: str = ""
    trace: str = ""

    @property
    def job_options(self) -> JobOptions:
        return JobOptions.from_dict(self.options)

    def ordered(self, operation: Operation) -> Marker:
        return replace(self, operation=operation)

    def callback(self, run: int, deliverer: str) -> Marker:
        """The job has ended, and its callback is due. Its password is of no more use."""
        return replace(self, operation=Operation.CALLBACK, run=run, password=None, deliverer=deliverer)

    def deletion(self, reason: str) -> Marker:
        """The order to delete the job. Its password is of no more use."""
        return replace(self, operation=Operation.DELETE, password=None, reason=reason)


_KINDS = {
    "job_id": str,
    "run": int,
    "user_email": str,
    "prefix": str,
    "created_at": str,
    "options": dict,
    "deliverer": str,
}
"""What a host takes for granted: where it is otherwise, every sweep would fail over the marker."""


def encode_marker(marker: Marker) -> bytes:
    return orjson.dumps(marker, option=orjson.OPT_INDENT_2)


def decode_marker(data: bytes) -> Marker:
    """Raises RecordDamaged where the content is unreadable."""
    try:
        fields = orjson.loads(data)
        known = {name: fields[name] for name in Marker.__slots__ if name in fields}
        document = known["document"]
        known["operation"] = Operation(known["operation"])
        known["document"] = FileInfo(**{name: document[name] for name in FileInfo.__slots__})
        for name, kind in _KINDS.items():
            if name in known and type(known[name]) is not kind:
                raise TypeError(f"{name} is no {kind.__name__}")
        return Marker(**known)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordDamaged(f"The marker is unreadable: {type(error).__name__} {error}.") from error


def marker_of(record: JobRecord) -> Marker:
    """The marker of a job that has none any more, as its record tells: without password, and without the hash of its
    Idempotency-Key, which the job's index entry keeps."""
    return Marker(
        job_id=record.job_id,
        operation=Operation.RUN,
        run=record.run,
        user_email=record.user_email,
        prefix=job_prefix(record.user_email, record.job_id),
        document=record.file_info,
        created_at=record.created_at,
        options=dict(record.options),
        source_uri=record.source_uri,
        source_limit=record.source_limit,
    )


def queued_record(marker: Marker) -> JobRecord:
    """The record as it is shown until a JobActor has stored the first one (revision 0, never stored)."""
    return JobRecord(
        job_id=marker.job_id,
        session_id=marker.job_options.session_id or marker.job_id,
        status=JobStatus.QUEUED,
        current_step=Step.QUEUED,
        message="Accepted; waiting to start.",
        percent=0,
        file_info=marker.document,
        user_email=marker.user_email,
        created_at=marker.created_at,
        updated_at=marker.created_at,
        run=1,
        options=dict(marker.options),
        source_uri=marker.source_uri,
        source_limit=marker.source_limit,
    )
