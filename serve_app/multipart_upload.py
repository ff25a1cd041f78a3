"""A document on its way out: the body of a multipart/form-data request, streamed from disk."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

from cluster.errors import BodyMalformed

PIECE_BYTES = 256 * 1024

_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
"""As browsers spell a file name in a header."""


class MultipartUpload:
    """The options as fields, then the file. ``body`` may be asked for again, for another attempt.

    sent: whether the last attempt has handed over the whole body.
    """

    def __init__(
        self, path: Path, fields: Mapping[str, str], *, on_sent: Callable[[int, int], None] | None = None
    ) -> None:
        """on_sent: called with the file's bytes handed over so far, and all. BodyMalformed: the file can't be read."""
        self.sent = False
        self._path = path
        self._on_sent = on_sent
        self._boundary = secrets.token_hex(16)
        self._head = self._fields_and_file_header(fields)
        self._tail = f"\r\n--{self._boundary}--\r\n".encode()
        try:
            self._size = os.stat(path).st_size
        except OSError as error:
            raise self._unreadable(error) from error

    @property
    def headers(self) -> dict[str, str]:
        length = len(self._head) + self._size + len(self._tail)
        return {
            "Content-Type": f"multipart/form-data; boundary={self._boundary}",
            "Content-Length": str(length),
        }

    async def body(self) -> AsyncIterator[bytes]:
        """BodyMalformed where the file can't be read, or has another size than before."""
        self.sent = False
        yield self._head
        done = 0
        try:
            file = await asyncio.to_thread(self._path.open, "rb")
            with file:
                while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
                    done += len(piece)
                    if done > self._size:
                        break
                    yield piece
                    if self._on_sent is not None:
                        self._on_sent(done, self._size)
        except OSError as error:
            raise self._unreadable(error) from error
        if done != self._size:
            raise BodyMalformed(f"{self._path} changed while it was sent.")
        self.sent = True  # before the last bytes leave: the server may have them before this is asked for more
        yield self._tail

    def _fields_and_file_header(self, fields: Mapping[str, str]) -> bytes:
        parts = [
            f'--{self._boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        filename = self._path.name.translate(_ESCAPES)
        parts.append(
            f"--{self._boundary}\r\n"
            f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        return "".join(parts).encode("utf-8", errors="replace")

    def _unreadable(self, error: OSError) -> BodyMalformed:
        return BodyMalformed(f"{self._path} can't be read: {error.strerror}.")
