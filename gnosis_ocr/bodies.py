"""Bodies of requests that carry a document, streamed piece by piece: a whole form, or a chunk of a resumable upload."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping

from gnosis_ocr.sources import Source

OnProgress = Callable[[int, int], None]
"""Told how many of the document's bytes have been handed over, and how many there are. After a broken connection the
first number may fall back to what the server has."""

_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
"""As browsers spell a file name in a header."""


class FormBody:
    """multipart/form-data: the options as fields, then the document."""

    def __init__(self, source: Source, fields: Mapping[str, str], on_progress: OnProgress | None) -> None:
        boundary = secrets.token_hex(16)
        self._source = source
        self._on_progress = on_progress
        self._head = _head(source.name, fields, boundary)
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}

    @property
    def size(self) -> int:
        return len(self._head) + self._source.size + len(self._tail)

    def pieces(self) -> Iterator[bytes]:
        yield self._head
        yield from self._source.pieces(0, self._source.size)
        yield self._tail

    def note(self, sent: int) -> None:
        if self._on_progress is not None:
            self._on_progress(min(max(sent - len(self._head), 0), self._source.size), self._source.size)


class ChunkBody:
    """A part of the document, as it is."""

    def __init__(self, source: Source, offset: int, size: int, on_progress: OnProgress | None) -> None:
        self.size = size
        self._source = source
        self._offset = offset
        self._on_progress = on_progress

    def pieces(self) -> Iterator[bytes]:
        return self._source.pieces(self._offset, self.size)

    def note(self, sent: int) -> None:
        if self._on_progress is not None:
            self._on_progress(self._offset + sent, self._source.size)


def _head(filename: str, fields: Mapping[str, str], boundary: str) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{filename.translate(_ESCAPES)}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join(parts).encode("utf-8", errors="replace")
