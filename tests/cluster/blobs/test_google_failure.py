"""What each of the library's errors means."""

from __future__ import annotations

import http.client

import pytest
import requests
import urllib3
from google.auth.exceptions import RefreshError, TransportError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse

from cluster.blobs.google_failure import LIBRARY_ERRORS, failure_of
from cluster.errors import (
    BlobConflict,
    BlobCorrupt,
    BlobError,
    BlobForbidden,
    BlobNotFound,
    BlobStoreMissing,
    BlobThrottled,
    BlobUnavailable,
)
from tests.cluster.blobs.google_errors import answered, never_sent, no_answer, response

Meaning = tuple[type[BlobError], bool, bool]


def meaning(error: Exception, absent: type[BlobError] = BlobNotFound) -> Meaning:
    """Which error of ours, whether it is in doubt, whether it may pass."""
    assert isinstance(error, LIBRARY_ERRORS)
    failure = failure_of(error, "a/b", absent)
    assert failure.error.detail.startswith("a/b: ")
    return type(failure.error), failure.in_doubt, failure.passing


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, (BlobUnavailable, False, False)),
        (401, (BlobForbidden, False, False)),
        (403, (BlobForbidden, False, False)),
        (404, (BlobNotFound, False, False)),
        (408, (BlobUnavailable, True, True)),
        (410, (BlobUnavailable, False, False)),
        (412, (BlobConflict, False, False)),
        (429, (BlobThrottled, False, True)),
        (500, (BlobUnavailable, True, True)),
        (502, (BlobUnavailable, True, True)),
        (503, (BlobUnavailable, True, True)),
        (504, (BlobUnavailable, True, True)),
        (308, (BlobUnavailable, True, True)),
    ],
)
def test_answers(status: int, expected: Meaning) -> None:
    assert meaning(answered(status)) == expected
    assert meaning(InvalidResponse(response(status, "words"), "text")) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (never_sent(), (BlobUnavailable, False, True)),
        (requests.ConnectTimeout(never_sent().args[0]), (BlobUnavailable, False, True)),
        (no_answer(), (BlobUnavailable, True, True)),
        (requests.ReadTimeout(), (BlobUnavailable, True, True)),
        (requests.exceptions.ChunkedEncodingError(), (BlobUnavailable, True, True)),
        (requests.exceptions.JSONDecodeError("no JSON", "<html>", 0), (BlobUnavailable, True, True)),
        (urllib3.exceptions.IncompleteRead(5, 5), (BlobUnavailable, True, True)),
        (http.client.RemoteDisconnected("no line"), (BlobUnavailable, True, True)),
        (ConnectionResetError(), (BlobUnavailable, True, True)),
        (ConnectionError("fewer bytes than the head says"), (BlobUnavailable, True, True)),
        (DataCorruption(response(200), "text"), (BlobCorrupt, False, False)),
        (RefreshError("revoked"), (BlobUnavailable, False, False)),
        (RefreshError("busy", retryable=True), (BlobUnavailable, False, True)),
        (TransportError("no way to the token server"), (BlobUnavailable, False, True)),
    ],
)
def test_other_failures(error: Exception, expected: Meaning) -> None:
    assert meaning(error) == expected


def test_what_404_means_is_up_to_the_operation() -> None:
    assert meaning(answered(404), BlobStoreMissing) == (BlobStoreMissing, False, False)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (answered(403, "ada@example.org has no\n storage.objects.get"), "ada@example.org has no storage.objects.get"),
        (answered(503, None, b"<html> down </html>"), "<html> down </html>"),
        (answered(502, None, b""), "Some Reason"),
        (answered(500, None, b"x" * 5000), "x" * 300),
    ],
)
def test_the_answers_own_words_are_told_in_one_line(error: Exception, words: str) -> None:
    assert failure_of(error, "a", BlobNotFound).error.detail.endswith(f": {words}")


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), TypeError("x")])
def test_mistakes_of_ours_are_none_of_them(error: Exception) -> None:
    assert not isinstance(error, LIBRARY_ERRORS)
