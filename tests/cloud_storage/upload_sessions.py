"""Resumable uploads: a session takes chunks in order and becomes an object with the last."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.cloud_storage.exchange import Refusal, bad_request
from tests.cloud_storage.objects import Bucket, Content, crc32c

CHUNK_MULTIPLE = 256 * 1024
"""Every chunk but the last is a multiple of this."""

_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class ChunkRange:
    """Of a chunk: bytes ``start`` to ``end`` (exclusive), None for a question. total: None while it is not known."""

    start: int | None
    end: int | None
    total: int | None

    @property
    def is_question(self) -> bool:
        return self.start is None


def chunk_range(header: str) -> ChunkRange:
    match = _RANGE.fullmatch(header)
    if match is None:
        raise bad_request(f"Failed to parse Content-Range header {header!r}.")
    start, last, total = match.groups()
    return ChunkRange(
        None if start is None else int(start),
        None if last is None else int(last) + 1,
        None if total == "*" else int(total),
    )


@dataclass(slots=True)
class UploadSession:
    """stored: the object it became, as the API shows it. declared: crc32c that the client gave, empty: none."""

    id: str
    bucket: Bucket
    name: str
    content: Content
    expected: int | None
    declared: str = ""
    received: bytearray = field(default_factory=bytearray)
    stored: dict[str, Any] | None = None

    def take(self, chunk: ChunkRange, body: bytes, declared: str, keep: int | None = None) -> dict[str, Any] | None:
        """Adds a chunk; the object once all is there, else None. keep: bytes of it that are taken in, for a fault."""
        self.declared = declared or self.declared
        if self.stored is not None:
            return self.stored
        if chunk.start is not None and chunk.end is not None:
            self._append(chunk.start, chunk.end, body, final=chunk.total is not None, keep=keep)
        if chunk.total is None or len(self.received) < chunk.total:
            return None
        if len(self.received) > chunk.total:
            raise bad_request("More bytes were uploaded than the total says.")
        return self._finish()

    def _append(self, start: int, end: int, body: bytes, *, final: bool, keep: int | None) -> None:
        if len(body) != end - start:
            raise bad_request(f"Content-Range says {end - start} bytes, the body has {len(body)}.")
        if not final and len(body) % CHUNK_MULTIPLE:
            raise bad_request(f"A chunk that is not the last must be a multiple of {CHUNK_MULTIPLE} bytes.")
        if start > len(self.received):
            raise bad_request(f"The offset is {start}, which exceeds the uploaded size of {len(self.received)} bytes.")
        kept = body if keep is None else body[:keep]
        self.received += kept[len(self.received) - start :]

    def _finish(self) -> dict[str, Any]:
        data = bytes(self.received)
        check_declared(data, self.declared)
        content = Content(data, self.content.content_type, self.content.content_encoding, self.content.metadata)
        self.stored = self.bucket.put(self.name, content, self.expected).resource()
        self.received.clear()
        return self.stored


class UploadSessions:
    def __init__(self) -> None:
        self._sessions: dict[str, UploadSession] = {}
        self._numbers = count(1)

    def __len__(self) -> int:
        """Those that have neither ended nor been given up."""
        return sum(session.stored is None for session in self._sessions.values())

    def start(self, bucket: Bucket, name: str, content: Content, expected: int | None, declared: str) -> UploadSession:
        bucket.check(name, expected)
        session = UploadSession(f"upload-{next(self._numbers)}", bucket, name, content, expected, declared)
        self._sessions[session.id] = session
        return session

    def get(self, session_id: str) -> UploadSession:
        if session_id not in self._sessions:
            raise Refusal(404, "notFound", f"There is no upload {session_id}.")
        return self._sessions[session_id]

    def give_up(self, session_id: str) -> None:
        self._sessions.pop(self.get(session_id).id)


def check_declared(data: bytes, declared: str) -> None:
    """Refusal 400 where the client's crc32c is another than the data's."""
    if declared and declared != crc32c(data):
        message = f'Provided CRC32C "{declared}" doesn\'t match calculated CRC32C "{crc32c(data)}".'
        raise bad_request(message)
