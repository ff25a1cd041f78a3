"""The blob store on Cloud Storage: the port, over the blocking half (google_bucket.py) in threads (google_calls.py).

Every write that Cloud Storage has confirmed is durable there: ``durable`` makes no difference. A write with a
precondition whose answer was lost is made again, and settled by what stands there then; where that can't be told, and
for every other write, a lost answer is a BlobUnavailable (google_calls.py has the rules, and why).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from functools import partial

from cluster.blobs.google_address import GoogleAddress
from cluster.blobs.google_bucket import GoogleBucket, Piece
from cluster.blobs.google_calls import GoogleCalls, Patience, Repeat
from cluster.blobs.google_checksum import crc32c, crc32c_text
from cluster.blobs.google_upload import PART_BYTES, GoogleUpload
from cluster.blobs.names import check_at_least_one, check_name, check_prefix, check_range
from cluster.blobs.parts import parts_of
from cluster.blobs.port import Blob, BlobInfo
from cluster.clock import Clock, SystemClock
from cluster.errors import BlobCorrupt, BlobError, BlobNotFound, BlobStoreMissing, BlobUnavailable

READ_BYTES = 4 << 20
"""What open_read asks for at once, and holds in memory."""


class GoogleBlobStore:
    """Finds its credentials at once, which may take seconds where there are none: StartupError then."""

    def __init__(self, address: GoogleAddress, clock: Clock | None = None, patience: Patience | None = None) -> None:
        self._calls = GoogleCalls(clock or SystemClock(), patience or Patience())
        self._bucket = GoogleBucket(address)

    async def read(self, name: str) -> Blob:
        check_name(name)
        return await self._calls.run(name, partial(self._bucket.read, name), Repeat.ALWAYS)

    async def read_range(self, name: str, start: int, end: int) -> bytes:
        check_name(name)
        check_range(start, end)
        piece = await self._piece(name, start, max(end, start + 1), None)  # no range is empty in HTTP
        return piece.data[: end - start]

    async def open_read(self, name: str, chunk_size: int = 1 << 20) -> AsyncIterator[bytes]:
        """Asks for one stretch after the other, all of the version that the first was of: no connection is held for a
        slow reader. BlobUnavailable where that version is gone in the middle, BlobCorrupt at the end."""
        check_name(name)
        check_at_least_one("chunk_size", chunk_size)
        stretch = max(1, READ_BYTES // chunk_size) * chunk_size
        piece = await self._piece(name, 0, stretch, None)
        expected, crc, offset = piece.crc32c, 0, 0
        while piece.data:
            crc = crc32c(piece.data, crc)
            for start in range(0, len(piece.data), chunk_size):
                yield piece.data[start : start + chunk_size]
            offset += len(piece.data)
            if len(piece.data) < stretch:
                break
            try:
                piece = await self._piece(name, offset, offset + stretch, piece.generation)
            except BlobNotFound as error:
                raise BlobUnavailable(f"{name}: it was replaced or removed while it was read") from error
        if expected not in (None, crc32c_text(crc)):
            raise BlobCorrupt(f"{name}: the content does not match its checksum")

    async def create(self, name: str, data: bytes, *, durable: bool = True) -> int:
        return await self._write(name, data, 0)

    async def replace(self, name: str, data: bytes, if_generation: int, *, durable: bool = True) -> int:
        return await self._write(name, data, if_generation)

    async def put(self, name: str, data: bytes, *, durable: bool = False) -> int:
        return await self._write(name, data, None)

    async def put_stream(self, name: str, chunks: AsyncIterator[bytes], *, durable: bool = True) -> BlobInfo:
        check_name(name)
        return await self._write_parts(name, chunks, None)

    async def list(self, prefix: str, start: str = "", limit: int = 1000) -> list[BlobInfo]:
        check_prefix(prefix)
        check_at_least_one("limit", limit)
        work = partial(self._bucket.list, prefix, start, limit)
        return await self._calls.run(prefix, work, Repeat.ALWAYS, BlobStoreMissing)

    async def delete(self, name: str, if_generation: int | None = None) -> None:
        check_name(name)
        repeat = Repeat.UNSENT if if_generation is None else Repeat.GUARDED
        await self._calls.run(name, partial(self._bucket.delete, name, if_generation), repeat)

    async def close(self) -> None:
        """Waits for what is under way."""
        await self._calls.close()
        self._bucket.close()

    async def _piece(self, name: str, start: int, end: int, generation: int | None) -> Piece:
        return await self._calls.run(name, partial(self._bucket.piece, name, start, end, generation), Repeat.ALWAYS)

    async def _write(self, name: str, data: bytes, expected: int | None) -> int:
        check_name(name)
        if len(data) > PART_BYTES:
            return (await self._write_parts(name, _single(data), expected)).generation
        return await self._write_at_once(name, data, expected)

    async def _write_at_once(self, name: str, data: bytes, expected: int | None) -> int:
        work = partial(self._bucket.write, name, data, expected, secrets.token_hex(8))
        repeat = Repeat.UNSENT if expected is None else Repeat.GUARDED
        return await self._calls.run(name, work, repeat, BlobStoreMissing)

    async def _write_parts(self, name: str, chunks: AsyncIterator[bytes], expected: int | None) -> BlobInfo:
        """In one request if it is small, else as a resumable upload, given up where ``chunks`` or the store fails."""
        upload: GoogleUpload | None = None
        info: BlobInfo | None = None
        try:
            async with aclosing(parts_of(chunks, PART_BYTES)) as parts:
                async for part, last in parts:
                    if upload is None and last:
                        return BlobInfo(name, await self._write_at_once(name, part, expected), len(part))
                    if upload is None:
                        begin = partial(self._bucket.begin_upload, name, expected)
                        upload = await self._calls.run(name, begin, Repeat.ALWAYS, BlobStoreMissing)
                    repeat = Repeat.GUARDED if last else Repeat.ALWAYS  # the session lets nothing happen twice
                    info = await self._calls.run(name, partial(upload.send, part, last), repeat, BlobUnavailable)
        except (Exception, asyncio.CancelledError):
            if upload is not None:
                await asyncio.shield(self._give_up(name, upload))
            raise
        if info is None:
            raise BlobUnavailable(f"{name}: the upload did not end with its last part")
        return info

    async def _give_up(self, name: str, upload: GoogleUpload) -> None:
        with suppress(BlobError):  # it expires by itself
            await self._calls.run(name, upload.give_up, Repeat.UNSENT)


async def _single(data: bytes) -> AsyncIterator[bytes]:
    yield data
