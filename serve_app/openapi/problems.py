"""Errors in the description: the answers that an operation's error classes become."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from cluster.errors import (
    BodyMalformed,
    DocumentError,
    GnosisError,
    OcrFailed,
    Overloaded,
    PageError,
    RateLimited,
    RecordDamaged,
    RecordTooNew,
    RequestError,
    StorageUnavailable,
    Unauthorized,
)
from serve_app.openapi.dataclass_schema import Schema
from serve_app.problems import PROBLEM

ErrorClass = type[GnosisError]

EVERYWHERE: tuple[ErrorClass, ...] = (BodyMalformed, Overloaded, GnosisError)
"""What any request may be answered with."""

OF_THE_API: tuple[ErrorClass, ...] = (Unauthorized, RateLimited, StorageUnavailable)
"""What any request under ``/api`` may be answered with."""

OF_A_JOB: tuple[ErrorClass, ...] = (RecordDamaged, RecordTooNew)
"""What any request about one job may be answered with: its record can't be read."""

RETRY_AFTER: Schema = {
    "Retry-After": {"description": "Seconds until another try may succeed.", "schema": {"type": "integer"}}
}


def status_of(error: ErrorClass) -> int:
    """The HTTP status that an error of this class is answered with."""
    if issubclass(error, RequestError):
        return error.status
    return 503 if issubclass(error, RecordTooNew) else 500


def problem_answers(errors: Iterable[ErrorClass]) -> dict[str, Any]:
    """An answer for each status, with the codes that it may carry."""
    by_status: dict[int, dict[str, ErrorClass]] = {}
    for error in errors:
        by_status.setdefault(status_of(error), {})[error.code] = error
    return {str(status): _answer(status, classes) for status, classes in sorted(by_status.items())}


def _answer(status: int, classes: dict[str, ErrorClass]) -> dict[str, Any]:
    lines = [f"- `{code}`: {(error.__doc__ or '').strip()}" for code, error in sorted(classes.items())]
    codes = {"properties": {"code": {"enum": sorted(classes)}, "status": {"const": status}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, codes]}
    answer: dict[str, Any] = {
        "description": "\n".join([HTTPStatus(status).phrase, "", *lines]),
        "content": {PROBLEM.decode(): {"schema": schema}},
    }
    if status in (429, 503):
        answer["headers"] = RETRY_AFTER
    return answer


def request_codes() -> list[str]:
    """Every code that a request may be answered with."""
    return sorted({error.code for error in _below(RequestError)} | {GnosisError.code, *(e.code for e in OF_A_JOB)})


def job_codes() -> list[str]:
    """Every code that a failed job's ``error`` may carry."""
    return sorted({error.code for error in _below(DocumentError)} | {GnosisError.code, OcrFailed.code})


def page_codes() -> list[str]:
    """Every code that a failed page's ``error`` may carry."""
    return sorted({error.code for error in _below(PageError)})


def _below(error: ErrorClass) -> list[ErrorClass]:
    """The classes below ``error`` that have a code of their own."""
    below = [found for child in error.__subclasses__() for found in (child, *_below(child))]
    return [found for found in below if found.code != error.code or issubclass(error, PageError)]


def problem_schema() -> Schema:
    """As serve_app/problems.py writes it."""
    return {
        "type": "object",
        "description": "An error (RFC 9457). `code` is stable; `detail` is for people.",
        "properties": {
            "type": {"const": "about:blank"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "enum": request_codes()},
            "detail": {"type": "string"},
            "request_id": {"type": "string", "description": "As in the header X-Request-Id; the log has it, too."},
        },
        "required": ["type", "title", "status", "code", "detail", "request_id"],
    }
