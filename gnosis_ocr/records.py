"""What a server tells, as typed records: a job, its pages, the server itself.

Readers of a later server's answers ignore what they don't know: further fields stand in ``raw``, an unknown status is
``UNKNOWN``. Times are texts as the server writes them: UTC, ISO 8601 with microseconds and ``Z``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class JobStatus(StrEnum):
    QUEUED = "queued"
    EXTRACTING = "extracting"
    PROCESSING = "processing"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> JobStatus:
        return cls.UNKNOWN


TERMINAL = frozenset({JobStatus.COMPLETED, JobStatus.PARTIAL, JobStatus.FAILED, JobStatus.CANCELLED})


class PageStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> PageStatus:
        return cls.UNKNOWN


ENDED_PAGES = frozenset({PageStatus.COMPLETED, PageStatus.FAILED, PageStatus.SKIPPED})


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """Why a job or a page failed. code: stable. message: for people."""

    code: str
    message: str

    @classmethod
    def read(cls, told: Any) -> ErrorInfo | None:
        return None if told is None else cls(str(told.get("code", "")), str(told.get("message", "")))


@dataclass(frozen=True, slots=True)
class FileInfo:
    """filename: as it was sent. file_type, file_size (bytes), total_pages: empty and 0 until they are known."""

    filename: str
    file_type: str
    file_size: int
    total_pages: int

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> FileInfo:
        return cls(
            str(told.get("filename", "")),
            str(told.get("file_type", "")),
            int(told.get("file_size") or 0),
            int(told.get("total_pages") or 0),
        )


@dataclass(frozen=True, slots=True)
class Page:
    """How far a page is. source: ``ocr``, or ``embedded`` where the document's own text was taken.

    confidence: 0 to 1. rotation, skew: degrees clockwise. duration_ms: of recognition. raw: all that the server told.
    """

    number: int
    status: PageStatus
    error: ErrorInfo | None
    source: str | None
    engine: str | None
    confidence: float | None
    rotation: int | None
    skew: float | None
    attempts: int
    duration_ms: int | None
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def ended(self) -> bool:
        return self.status in ENDED_PAGES

    @classmethod
    def read(cls, number: int, told: Mapping[str, Any]) -> Page:
        return cls(
            number=number,
            status=PageStatus(told.get("status", "")),
            error=ErrorInfo.read(told.get("error")),
            source=told.get("source"),
            engine=told.get("engine"),
            confidence=told.get("confidence"),
            rotation=told.get("rotation"),
            skew=told.get("skew"),
            attempts=int(told.get("attempts") or 0),
            duration_ms=told.get("duration_ms"),
            raw=told,
        )


@dataclass(frozen=True, slots=True)
class PageText:
    """A page that has ended. text: None unless its status is completed; error: why it failed."""

    page: int
    status: PageStatus
    text: str | None
    error: ErrorInfo | None = None

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> PageText:
        return cls(int(told["page"]), PageStatus(told["status"]), told.get("text"), ErrorInfo.read(told.get("error")))


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the server stored it last.

    percent: 0 to 100. pages: by their numbers, those that were asked for, once the document has been opened; a listing
    leaves them out. outputs: by format, the file's name; outputs_missing: formats that could not be made, and why.
    run: 1, and one more for each retry. etag: of this version. raw: all that the server told.
    """

    job_id: str
    session_id: str
    status: JobStatus
    current_step: str
    message: str
    percent: int
    file_info: FileInfo
    error: ErrorInfo | None
    pages: Mapping[int, Page]
    pages_extracted: int
    pages_completed: int
    pages_failed: int
    options: Mapping[str, Any]
    outputs: Mapping[str, str]
    outputs_missing: Mapping[str, str]
    run: int
    user_email: str
    created_at: str
    updated_at: str
    etag: str
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def terminal(self) -> bool:
        """Whether it has ended, one way or another; a retry may open it again."""
        return self.status in TERMINAL

    @classmethod
    def read(cls, told: Mapping[str, Any], etag: str | None = None) -> Job:
        """KeyError, TypeError, ValueError, AttributeError where it is no job. etag: as the answer's header names it."""
        return cls(
            job_id=str(told["job_id"]),
            session_id=str(told.get("session_id", "")),
            status=JobStatus(told["status"]),
            current_step=str(told.get("current_step", "")),
            message=str(told.get("message", "")),
            percent=int(told.get("percent") or 0),
            file_info=FileInfo.read(told.get("file_info") or {}),
            error=ErrorInfo.read(told.get("error")),
            pages={int(number): Page.read(int(number), page) for number, page in (told.get("pages") or {}).items()},
            pages_extracted=int(told.get("pages_extracted") or 0),
            pages_completed=int(told.get("pages_completed") or 0),
            pages_failed=int(told.get("pages_failed") or 0),
            options=told.get("options") or {},
            outputs=told.get("outputs") or {},
            outputs_missing=told.get("outputs_missing") or {},
            run=int(told.get("run") or 1),
            user_email=str(told.get("user_email", "")),
            created_at=str(told.get("created_at", "")),
            updated_at=str(told.get("updated_at", "")),
            etag=etag or f'"{told.get("epoch", 0)}-{told.get("revision", 0)}"',
            raw=told,
        )


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a server is and takes. engines: by name, the default first. upload_bytes: the largest document;
    direct_upload_bytes: the largest that may come in a single request. raw: all that the server told."""

    version: str
    engines: tuple[str, ...]
    formats: tuple[str, ...]
    options: tuple[str, ...]
    features: tuple[str, ...]
    upload_bytes: int
    direct_upload_bytes: int
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> ServerInfo:
        limits = told["limits"]
        return cls(
            version=str(told["version"]),
            engines=tuple(str(engine["name"]) for engine in told.get("engines", ())),
            formats=tuple(told.get("formats", ())),
            options=tuple(told.get("options", ())),
            features=tuple(told.get("features", ())),
            upload_bytes=int(limits["upload_bytes"]),
            direct_upload_bytes=int(limits["direct_upload_bytes"]),
            raw=told,
        )
