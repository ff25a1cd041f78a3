"""A document on its way into the blob store: judged by its first bytes, measured and hashed while it passes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from cluster.blobs.port import BlobInfo, BlobStore
from cluster.errors import FileEmpty, FileTooLarge, MediaTypeUnsupported
from cluster.file_type import HEAD_BYTES, detect

Place = Callable[[str], Awaitable[str]]
"""Told the document's kind before its first byte is stored; answers with the name of the blob to write."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """kind: as cluster.file_type names it. size: bytes. sha256: hex."""

    kind: str
    size: int
    sha256: str


async def store_document(
    store: BlobStore, pieces: AsyncIterator[bytes], place: Place, limit: int, too_large: FileTooLarge
) -> StoredDocument:
    """Stores ``pieces`` with bounded memory; past ``limit`` bytes it raises ``too_large`` and nothing is stored.

    FileEmpty, MediaTypeUnsupported (before ``place`` is asked); whatever ``pieces``, ``place`` and the store raise.
    """
    passing = _Passing(pieces, limit, too_large)
    head = await passing.head()
    if not head:
        raise FileEmpty
    kind = detect(head)
    if kind is None:
        raise MediaTypeUnsupported
    name = await place(kind)
    await _settled(asyncio.create_task(store.put_stream(name, passing.rest(head))), passing)
    return StoredDocument(kind, passing.size, passing.digest.hexdigest())


async def _settled(storing: asyncio.Task[BlobInfo], passing: _Passing) -> None:
    """Awaits the storing. Where the caller is cancelled, it returns only once it is known whether the blob stands:
    a write whose last step has begun lands, and who removes it must come after that."""
    try:
        await asyncio.shield(storing)
    except asyncio.CancelledError:
        if not passing.handed_over:
            storing.cancel()
        await asyncio.wait([storing])
        raise


class _Passing:
    def __init__(self, pieces: AsyncIterator[bytes], limit: int, too_large: FileTooLarge) -> None:
        self._pieces = pieces
        self._limit = limit
        self._too_large = too_large
        self.size = 0
        self.handed_over = False
        self.digest = hashlib.sha256()

    async def head(self) -> bytes:
        """The first pieces, together at least HEAD_BYTES where the document has them."""
        head = b""
        while len(head) < HEAD_BYTES:
            piece = await anext(self._pieces, None)
            if piece is None:
                break
            head += self._count(piece)
        return head

    async def rest(self, head: bytes) -> AsyncIterator[bytes]:
        yield head
        async for piece in self._pieces:
            yield self._count(piece)
        self.handed_over = True

    def _count(self, piece: bytes) -> bytes:
        self.size += len(piece)
        if self.size > self._limit:
            raise self._too_large
        self.digest.update(piece)
        return piece
