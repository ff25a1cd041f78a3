"""A ZIP archive made while it is sent: nothing of it is kept, whatever its size.

Entries are stored as they are (page images and PDFs are packed already), each with its checksum behind it, since it is
not known before. An entry that fails ends the stream before the archive's directory: it is never taken for whole.
"""

from __future__ import annotations

import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass

from serve_app.blob_response import close_pieces

DateTime = tuple[int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """name: in the archive. size: bytes, as far as it is known before. pieces: its content."""

    name: str
    size: int
    pieces: AsyncIterator[bytes]


async def zip_stream(entries: AsyncIterator[Entry], date_time: DateTime) -> AsyncIterator[bytes]:
    """date_time: of every entry. Raises what an entry's pieces raise."""
    sent = _Sent()
    archive = zipfile.ZipFile(sent, "w", zipfile.ZIP_STORED)  # never closed where an entry fails: nobody reads that
    try:
        async for entry in entries:
            about = zipfile.ZipInfo(entry.name, date_time)
            about.external_attr = 0o644 << 16
            about.file_size = entry.size  # past 4 GB the entry's headers are of the larger kind
            try:
                with archive.open(about, "w") as file:
                    async for piece in entry.pieces:
                        file.write(piece)
                        yield sent.take()
            finally:
                await close_pieces(entry.pieces)
    finally:
        await close_pieces(entries)
    archive.close()
    yield sent.take()


class _Sent:
    """What was written and not yet taken: a file that can't be sought in, for what was sent is gone."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing to close."""

    def take(self) -> bytes:
        data = bytes(self._waiting)
        self._waiting.clear()
        return data
