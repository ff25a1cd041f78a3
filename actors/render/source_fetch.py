"""Fetches a document that its job names by ``gs://`` into the job's own folder, once.

What stands in ``raw/`` is never fetched again: a retry, another owner and a second opening find it there. Only buckets
that the settings name are read, and never the one that the blob store lies in, whatever the settings say: with the
server's rights a user would read other users' documents there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace

from actors.render.call_limits import CallLimits
from actors.render.protocol import DocumentOpener, DocumentRef, OpenedDocument
from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import (
    BlobCorrupt,
    BlobForbidden,
    BlobNotFound,
    BlobUnavailable,
    DocumentDamaged,
    DocumentError,
    OptionInvalid,
    SourceForbidden,
    SourceNotFound,
    SourceTooLarge,
    SourceUnsupported,
    StartupError,
)
from cluster.file_type import EXTENSIONS, HEAD_BYTES, detect
from cluster.record import FetchedFile
from cluster.source_uri import SourceUri, parse_source_uri

OpenBucket = Callable[[str], BlobStore]
"""A bucket by its name, to be read; may take seconds, and raise StartupError where there are no credentials."""

_KINDS = {extension: kind for kind, extension in EXTENSIONS.items()}


class SourceFetcher:
    """allowed: buckets that may be read. own: the blob store's bucket, None where it lies in none."""

    def __init__(
        self,
        store: BlobStore,
        open_bucket: OpenBucket,
        *,
        allowed: frozenset[str],
        own: str | None,
        max_megabytes: int,
        limits: CallLimits | None = None,
    ) -> None:
        self._store = store
        self._open_bucket = open_bucket
        self._allowed = allowed - {own}
        self._max_megabytes = max_megabytes
        self._limits = limits or CallLimits()
        self._buckets: dict[str, BlobStore] = {}

    async def fetch(self, document: DocumentRef) -> FetchedFile:
        """Raises the DocumentError that fails the job; BlobUnavailable where a store does not answer in time."""
        standing = await self._standing(document.prefix)
        if standing is not None:
            return standing
        try:
            source = parse_source_uri(document.source_uri or "")
        except OptionInvalid as error:
            raise SourceNotFound(error.detail) from None
        if source.bucket not in self._allowed:
            raise SourceForbidden(f"The bucket {source.bucket!r} is none of those that this server may read.")
        try:
            async with asyncio.timeout(self._limits.fetch_s):
                return await self._copy(source, document.prefix, self._most_bytes(document))
        except TimeoutError as error:
            raise BlobUnavailable(f"{source}: not fetched within {self._limits.fetch_s:g} s") from error

    async def close(self) -> None:
        for bucket in self._buckets.values():
            await bucket.close()

    async def _standing(self, prefix: str) -> FetchedFile | None:
        """What was fetched before."""
        for blob in await self._store.list(layout.raw_folder(prefix), limit=10):
            kind = _KINDS.get(blob.name.rpartition(".")[2])
            if kind is not None:
                return FetchedFile(blob.name.removeprefix(prefix), kind, blob.size)
        return None

    def _most_bytes(self, document: DocumentRef) -> int:
        ours = self._max_megabytes << 20
        return ours if document.source_limit is None else min(ours, document.source_limit)

    async def _copy(self, source: SourceUri, prefix: str, most: int) -> FetchedFile:
        bucket = await self._bucket(source.bucket)
        async with aclosing(self._pieces(bucket, source, most)) as pieces:
            head = await _head(pieces)
            kind = detect(head)
            if kind is None:
                raise SourceUnsupported(f"{source} is none of the accepted kinds: PDF, PNG, JPEG, TIFF, WebP, BMP.")
            raw_file = layout.raw("", EXTENSIONS[kind])
            stored = await self._store.put_stream(prefix + raw_file, _joined(head, pieces))
        return FetchedFile(raw_file, kind, stored.size)

    async def _pieces(self, bucket: BlobStore, source: SourceUri, most: int) -> AsyncGenerator[bytes, None]:
        """The object's content; what goes wrong with its bucket is told apart from our own store's failures."""
        size = 0
        try:
            async for piece in bucket.open_read(source.name):
                size += len(piece)
                if size > most:
                    raise SourceTooLarge(f"{source} is larger than {most >> 20} MB, the limit for a document here.")
                yield piece
        except BlobNotFound:
            raise SourceNotFound(f"{source} does not exist.") from None
        except BlobForbidden:
            raise SourceForbidden(f"The server's credentials may not read {source}.") from None
        except BlobCorrupt:
            raise DocumentDamaged(f"{source} does not match its checksum.") from None

    async def _bucket(self, name: str) -> BlobStore:
        if name not in self._buckets:
            try:
                self._buckets[name] = await asyncio.to_thread(self._open_bucket, name)
            except StartupError as error:
                raise SourceForbidden(f"The bucket {name!r} can't be read: {error.detail}") from None
        return self._buckets[name]


class FetchingOpener:
    """Opens documents: one that its job has yet to fetch is fetched first."""

    def __init__(self, fetcher: SourceFetcher, opener: DocumentOpener) -> None:
        self._fetcher = fetcher
        self._opener = opener

    async def open(self, document: DocumentRef) -> OpenedDocument | DocumentError:
        if document.source_uri is None:
            return await self._opener.open(document)
        try:
            fetched = await self._fetcher.fetch(document)
        except DocumentError as error:
            return error
        raw = document.prefix + fetched.raw_file
        opened = await self._opener.open(replace(document, raw=raw, file_type=fetched.file_type))
        return opened if isinstance(opened, DocumentError) else replace(opened, fetched=fetched)


async def _head(pieces: AsyncIterator[bytes]) -> bytes:
    """The first pieces, together at least HEAD_BYTES where there are so many."""
    head = b""
    while len(head) < HEAD_BYTES and (piece := await anext(pieces, None)) is not None:
        head += piece
    return head


async def _joined(head: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for piece in pieces:
        yield piece
