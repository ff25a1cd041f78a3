"""What a failed attempt on Cloud Storage means: the one place that translates the library's exceptions into ours.

The library raises from five families: its own API errors, errors of its media half, of the credentials, of requests
and of urllib3 below it. Three things are asked of each: which error of ours it is, whether the request may have been
carried out all the same, and whether the same request may succeed a little later.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests
import urllib3
from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse

from cluster.errors import (
    BlobConflict,
    BlobCorrupt,
    BlobError,
    BlobForbidden,
    BlobThrottled,
    BlobUnavailable,
)

LIBRARY_ERRORS = (
    GoogleAPICallError,
    InvalidResponse,
    DataCorruption,
    GoogleAuthError,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
)

_LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """One attempt that failed. error: ours. in_doubt: it may have been carried out. passing: another may succeed."""

    error: BlobError
    in_doubt: bool
    passing: bool


def failure_of(error: BaseException, name: str, absent: type[BlobError]) -> Failure:
    """``error`` is one of LIBRARY_ERRORS. absent: what 404 means, to this operation on the blob ``name``."""
    response = _response(error)
    if isinstance(error, DataCorruption):
        return Failure(BlobCorrupt(f"{name}: the content does not match its checksum"), in_doubt=False, passing=False)
    if response is not None:
        return _refusal(response, name, absent)
    if isinstance(error, GoogleAuthError):
        # Raised while the request is made ready: it was not sent.
        passing = error.retryable or isinstance(error, TransportError)
        detail = f"{name}: the credentials could not be refreshed: {error}"
        return Failure(BlobUnavailable(detail), in_doubt=False, passing=passing)
    return Failure(BlobUnavailable(f"{name}: no answer ({error!r})"), in_doubt=_was_sent(error), passing=True)


def _refusal(response: requests.Response, name: str, absent: type[BlobError]) -> Failure:
    status = response.status_code
    detail = f"{name}: Cloud Storage answered {status}: {_words(response)}"
    if status == HTTPStatus.PRECONDITION_FAILED:
        return Failure(BlobConflict(f"{name}: not at the expected generation"), in_doubt=False, passing=False)
    if status == HTTPStatus.NOT_FOUND:
        return Failure(absent(detail), in_doubt=False, passing=False)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Failure(BlobThrottled(detail), in_doubt=False, passing=True)
    if status in (HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED):
        return Failure(BlobForbidden(detail), in_doubt=False, passing=False)
    unclear = not 400 <= status < 500 or status == HTTPStatus.REQUEST_TIMEOUT
    return Failure(BlobUnavailable(detail), in_doubt=unclear, passing=unclear)


def _response(error: BaseException) -> requests.Response | None:
    """The answer that the error tells of; None where there was none."""
    response: Any = getattr(error, "response", None)
    return response if isinstance(response, requests.Response) else None


def _words(response: requests.Response) -> str:
    """The answer's own words, for people: the API's message, else the body's beginning, else the status in words."""
    try:
        words = str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        words = response.text.strip()
    return " ".join(words.split())[:_LONGEST_WORDS] or str(response.reason)


def _was_sent(error: BaseException) -> bool:
    """Whether the request may have left this machine: not if no connection came about."""
    cause = error.args[0] if error.args else None
    return not isinstance(getattr(cause, "reason", None), urllib3.exceptions.ConnectTimeoutError)
