"""The port to the blob store, where everything durable lives.

A blob has a name (``/`` separates folders by convention alone) and a generation: a positive number that changes with
every write of that name. A read returns data and generation of one and the same version. Preconditions are on the
generation: 0 means "there is none".

Every method may raise BlobUnavailable (no clear answer: a write may have landed), BlobThrottled (nothing written),
BlobStoreMissing, BlobForbidden. A write that returned is durable where ``durable`` was asked for; without it the blob
may be lost when the machine dies, never when a process does. Blobs are never seen half written.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Blob:
    data: bytes
    generation: int


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """size: bytes."""

    name: str
    generation: int
    size: int


class BlobStore(Protocol):
    async def read(self, name: str) -> Blob:
        """The whole blob. BlobNotFound, BlobCorrupt."""

    async def read_range(self, name: str, start: int, end: int) -> bytes:
        """Bytes ``start`` to ``end`` (exclusive), fewer where the blob ends before. BlobNotFound."""

    def open_read(self, name: str, chunk_size: int = 1 << 20) -> AsyncIterator[bytes]:
        """The blob in pieces of one version, with bounded memory. BlobNotFound at the first piece."""

    async def create(self, name: str, data: bytes, *, durable: bool = True) -> int:
        """Writes a blob that must not exist yet; returns its generation. BlobConflict."""

    async def replace(self, name: str, data: bytes, if_generation: int, *, durable: bool = True) -> int:
        """Writes over the version ``if_generation`` (0: must not exist). BlobConflict, also where it is gone."""

    async def put(self, name: str, data: bytes, *, durable: bool = False) -> int:
        """Writes whatever stood there before; returns the generation."""

    async def put_stream(self, name: str, chunks: AsyncIterator[bytes], *, durable: bool = True) -> BlobInfo:
        """Writes a blob from pieces with bounded memory. If ``chunks`` raises, nothing is stored."""

    async def list(self, prefix: str, start: str = "", limit: int = 1000) -> list[BlobInfo]:
        """Up to ``limit`` blobs whose names begin with ``prefix``, in name order, from ``start`` (inclusive) on.

        To go on after a full page: ``start = last.name + "\\0"``.
        """

    async def delete(self, name: str, if_generation: int | None = None) -> None:
        """Removes the blob. BlobNotFound; BlobConflict where the generation is another."""

    async def close(self) -> None:
        """Frees threads and connections; the store is not used after it."""
