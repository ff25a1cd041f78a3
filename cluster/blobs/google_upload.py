"""A resumable upload to Cloud Storage, one attempt at a time.

A session takes parts in order and becomes an object with the last one. It is itself the memory of what was received:
after an answer that was lost it is asked, and the upload goes on from there. It can end only once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from google.api_core.exceptions import from_http_response
from google.auth.transport.requests import AuthorizedSession

from cluster.blobs.google_calls import Attempt
from cluster.blobs.google_checksum import crc32c, crc32c_text
from cluster.blobs.port import BlobInfo
from cluster.errors import BlobCorrupt, BlobUnavailable

PART_BYTES = 8 << 20
"""What is sent at once, and kept for another attempt; a multiple of the 256 KiB that the protocol counts in."""

_RECEIVED = re.compile(r"bytes=0-(\d+)")


class GoogleUpload:
    """url: the session's. name: the blob's. remove(generation, attempt): deletes that version of it."""

    def __init__(self, session: AuthorizedSession, url: str, name: str, remove: Callable[[int, Attempt], None]) -> None:
        self._session = session
        self._url = url
        self._name = name
        self._remove = remove
        self._sent = 0
        self._crc = 0

    def send(self, part: bytes, last: bool, attempt: Attempt) -> BlobInfo | None:
        """Sends the next part: PART_BYTES, but for the last, which is not empty. The blob, once it is complete.

        May be tried again with the same part. BlobCorrupt: what was stored is not what was sent, and is removed again.
        """
        end = self._sent + len(part)
        crc = crc32c(part, self._crc)
        outcome = self._progress(self._put("bytes */*", b"", attempt)) if attempt.in_doubt else self._sent
        while isinstance(outcome, int) and (outcome < end or last):
            if not self._sent <= outcome <= end:
                raise BlobUnavailable(f"{self._name}: the upload has lost count of what it received")
            rest = part[outcome - self._sent :]
            span = f"{outcome}-{end - 1}" if rest else "*"
            headers = {"x-goog-hash": f"crc32c={crc32c_text(crc)}"} if last else {}
            answer = self._put(f"bytes {span}/{end if last else '*'}", rest, attempt, headers)
            before, outcome = outcome, self._progress(answer)
            if outcome == before:
                raise from_http_response(answer)
        self._sent, self._crc = end, crc
        return None if isinstance(outcome, int) else self._checked(outcome, attempt)

    def give_up(self, attempt: Attempt) -> None:
        """Whatever was received is thrown away; nothing happens to an upload that is complete."""
        self._session.request("DELETE", self._url, timeout=attempt.timeout)

    def _put(self, content_range: str, data: bytes, attempt: Attempt, headers: dict[str, str] | None = None) -> Any:
        # Its "resume incomplete" has the status of a redirect.
        return self._session.request(
            "PUT",
            self._url,
            data=data,
            headers={"content-range": content_range, **(headers or {})},
            timeout=attempt.timeout,
            allow_redirects=False,
        )

    def _progress(self, answer: Any) -> int | dict[str, Any]:
        """How many bytes were received, or the object that the upload has become. GoogleAPICallError."""
        if answer.status_code in (HTTPStatus.OK, HTTPStatus.CREATED):
            stored: dict[str, Any] = answer.json()
            return stored
        if answer.status_code != HTTPStatus.PERMANENT_REDIRECT:
            raise from_http_response(answer)
        received = _RECEIVED.fullmatch(answer.headers.get("range", ""))
        return int(received[1]) + 1 if received else 0

    def _checked(self, stored: dict[str, Any], attempt: Attempt) -> BlobInfo:
        info = BlobInfo(self._name, int(stored["generation"]), int(stored["size"]))
        if info.size != self._sent or stored["crc32c"] != crc32c_text(self._crc):
            self._remove(info.generation, attempt)
            raise BlobCorrupt(f"{self._name}: what was stored is not what was sent")
        return info
