"""The record: a job's durable state, stored as ``processing.json``.

Field names are final; later versions may add fields, never rename one, and readers ignore what they don't know.
Times are texts: UTC, ISO 8601 with microseconds and ``Z``. They inform people and decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

from cluster.errors import RecordDamaged, RecordTooNew
from cluster.message import message

SCHEMA_VERSION = 1

EMBEDDED = "embedded"
"""The source of a page whose text is the document's own."""


class JobStatus(StrEnum):
    QUEUED = "queued"
    EXTRACTING = "extracting"
    PROCESSING = "processing"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETING = "deleting"
    DELETED = "deleted"


TERMINAL = frozenset({JobStatus.COMPLETED, JobStatus.PARTIAL, JobStatus.FAILED, JobStatus.CANCELLED})


class Step(StrEnum):
    """What ``current_step`` may say."""

    QUEUED = "queued"
    EXTRACTING_IMAGES = "extracting_images"
    EXTRACTION_COMPLETE = "extraction_complete"
    OCR_PROCESSING = "ocr_processing"
    ASSEMBLING = "assembling"
    COMPLETED = "completed"
    EXTRACTION_FAILED = "extraction_failed"
    OCR_FAILED = "ocr_failed"
    CANCELLED = "cancelled"


class PageStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


@message
@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """An error as stored and shown: ``code`` is one of the HTTP contract's, ``message`` is for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FileInfo:
    """filename: the client's own name, for display alone. raw_file: blob under the job's prefix. file_size: bytes.

    Kind, blob and size of a document that its job has yet to fetch are empty.
    """

    filename: str
    file_type: str
    total_pages: int
    raw_file: str
    file_size: int


@message
@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A document that its job has fetched: what of FileInfo is known only then."""

    raw_file: str
    file_type: str
    file_size: int


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One page. confidence: 0 to 1. rotation, skew: degrees clockwise. duration_ms: recognition alone; layout_ms: the
    layout step. layout: what put its lines into blocks; None: nothing did, or a version that had no layout step.

    source: ``ocr``, or ``embedded`` where the document's own text was taken; then there is no image until one is asked
    for, and image_extracted_at tells nothing.

    run: in which it was completed; None: not yet, or by a version that did not say.
    """

    status: PageStatus = PageStatus.PENDING
    image: str | None = None
    image_extracted_at: str | None = None
    processing_started_at: str | None = None
    processing_completed_at: str | None = None
    result_file: str | None = None
    error: ErrorInfo | None = None
    source: str | None = None
    engine: str | None = None
    engine_version: str | None = None
    attempts: int = 0
    reason: str | None = None
    confidence: float | None = None
    rotation: int | None = None
    duration_ms: int | None = None
    run: int | None = None
    skew: float | None = None
    layout: str | None = None
    layout_ms: int | None = None

    @property
    def extracted(self) -> bool:
        """Whether there is something to read of it: an image, or its embedded text."""
        return self.image is not None or self.source == EMBEDDED


@dataclass(frozen=True, slots=True)
class JobRecord:
    """outputs: by format, the file under the job's prefix. outputs_missing: formats that could not be made, and why."""

    job_id: str
    session_id: str
    status: JobStatus
    current_step: Step
    message: str
    percent: int
    file_info: FileInfo
    user_email: str
    created_at: str
    updated_at: str
    pages: Mapping[int, PageRecord] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION
    owner: str = ""
    epoch: int = 0
    revision: int = 0
    run: int = 1
    recoveries: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    pages_extracted: int = 0
    pages_completed: int = 0
    pages_failed: int = 0
    error: ErrorInfo | None = None
    source_uri: str | None = None
    source_limit: int | None = None
    outputs_missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def terminal(self) -> bool:
        return self.status in TERMINAL

    @property
    def etag(self) -> str:
        return f'"{self.epoch}-{self.revision}"'


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What a deleted job leaves: its name stays taken, so that no late write can bring it back."""

    job_id: str
    epoch: int
    revision: int
    status: JobStatus = JobStatus.DELETED
    schema_version: int = SCHEMA_VERSION

    @property
    def etag(self) -> str:
        return f'"{self.epoch}-{self.revision}"'


def encode(record: JobRecord | Tombstone) -> bytes:
    encoded = orjson.dumps(record, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_INDENT_2)
    # A copy of its own length: orjson hands out its whole buffer, 8 KB for 1 KB of text, and hosts keep records.
    return memoryview(encoded).tobytes()


def decode(data: bytes) -> JobRecord | Tombstone:
    """Raises RecordTooNew for a newer schema_version, RecordDamaged for anything that can't be read."""
    try:
        fields = orjson.loads(data)
        version = fields["schema_version"]
    except (ValueError, KeyError, TypeError) as error:
        raise RecordDamaged(f"The record is unreadable: {error}.") from error
    if not isinstance(version, int):
        raise RecordDamaged("The record's schema_version is not a number.")
    if version > SCHEMA_VERSION:
        raise RecordTooNew(f"The record has schema_version {version}; this version reads up to {SCHEMA_VERSION}.")
    try:
        return _from_fields(fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordDamaged(f"The record is unreadable: {type(error).__name__} {error}.") from error


def _from_fields(fields: dict[str, Any]) -> JobRecord | Tombstone:
    if fields["status"] == JobStatus.DELETED:
        return Tombstone(fields["job_id"], int(fields["epoch"]), int(fields["revision"]))
    known = {name: fields[name] for name in JobRecord.__slots__ if name in fields}
    known["status"] = JobStatus(known["status"])
    known["current_step"] = Step(known["current_step"])
    known["file_info"] = FileInfo(**_known(FileInfo, known["file_info"]))
    known["error"] = _error(known.get("error"))
    known["pages"] = {int(number): _page(page) for number, page in known["pages"].items()}
    if not isinstance(known.get("owner", ""), str):
        raise TypeError("owner is no text")
    for name in {"epoch", "revision", "run", "recoveries", "percent"} & known.keys():
        known[name] = int(known[name])
    return JobRecord(**known)


def _page(fields: dict[str, Any]) -> PageRecord:
    known = _known(PageRecord, fields)
    known["status"] = PageStatus(known["status"])
    known["error"] = _error(known.get("error"))
    return PageRecord(**known)


def _error(fields: dict[str, Any] | None) -> ErrorInfo | None:
    return None if fields is None else ErrorInfo(fields["code"], fields["message"])


def _known(cls: type, fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in cls.__slots__ if name in fields}  # type: ignore[attr-defined]
