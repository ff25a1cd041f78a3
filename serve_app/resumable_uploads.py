"""Resumable uploads: created, continued at the offset where they stand, read, removed; all their state is in the store.

A part is created, never overwritten, under the offset at which it begins. So of two requests that go on at the same
offset exactly one wins, at its first part, and an answer that was lost leaves nothing open: the parts that stand tell
how far the upload has come. A request that breaks off has stored what was received of it, its last part a shorter one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime

from cluster import layout
from cluster.blobs.port import BlobInfo, BlobStore
from cluster.clock import Clock, to_text
from cluster.errors import (
    BlobConflict,
    BlobNotFound,
    BodyMalformed,
    FileTooLarge,
    GnosisError,
    UploadExpired,
    UploadIncomplete,
    UploadNotFound,
    UploadOffsetMismatch,
)
from cluster.ids import is_upload_id, new_upload_id
from cluster.resumable_upload import PART_BYTES, UploadInfo, decode_upload, encode_upload, expiry_of
from serve_app.background import Background
from serve_app.identity import Identity
from serve_app.incoming_body import IncomingBody
from serve_app.upload_budget import UploadBudget
from serve_app.uploads import MEGABYTE

MOST_PARTS = 10_000
"""Of one upload. Every request lists them, and a client that sends single bytes would make millions."""

_LISTED = 1000
_REMOVED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Upload:
    """offset: how many bytes are stored, which is where the next part begins. parts: blobs, in order."""

    upload_id: str
    info: UploadInfo
    parts: tuple[BlobInfo, ...] = ()
    offset: int = 0

    @property
    def finished(self) -> bool:
        return self.offset == self.info.length

    @property
    def expiry(self) -> datetime:
        return expiry_of(self.upload_id)


class ResumableUploads:
    """max_megabytes: the largest upload."""

    def __init__(
        self, store: BlobStore, budget: UploadBudget, background: Background, clock: Clock, max_megabytes: int
    ) -> None:
        self._store = store
        self._budget = budget
        self._background = background
        self._clock = clock
        self._max_megabytes = max_megabytes

    @property
    def most_bytes(self) -> int:
        return self._max_megabytes * MEGABYTE

    async def create(self, caller: Identity, length: int, metadata: str) -> Upload:
        """A new upload of ``length`` bytes, none of them stored. FileTooLarge."""
        if length > self.most_bytes:
            raise FileTooLarge(f"The file is larger than {self._max_megabytes} MB, the limit for an upload.")
        caller.limits.check_size(length)
        now = self._clock.now()
        upload = Upload(new_upload_id(now), UploadInfo(caller.email, length, metadata, to_text(now)))
        await self._store.create(layout.upload_info(upload.upload_id), encode_upload(upload.info))
        return upload

    async def find(self, caller: Identity, upload_id: str) -> Upload:
        """The upload as it stands. UploadNotFound, also where it is another user's; UploadExpired."""
        info = await self._info(caller, upload_id)
        parts: list[BlobInfo] = []
        offset, start, prefix = 0, "", layout.upload_parts(upload_id)
        while True:
            listed = await self._store.list(prefix, start, _LISTED)
            for part in listed:
                if part.name != layout.upload_part(upload_id, offset):
                    return Upload(upload_id, info, tuple(parts), offset)
                parts.append(part)
                offset += part.size
            if len(listed) < _LISTED:
                return Upload(upload_id, info, tuple(parts), offset)
            start = listed[-1].name + "\0"

    async def finished(self, caller: Identity, upload_id: str) -> Upload:
        """As ``find``; UploadIncomplete where bytes are missing."""
        upload = await self.find(caller, upload_id)
        if not upload.finished:
            raise UploadIncomplete(
                f"Of the upload {upload.offset} bytes of {upload.info.length} have arrived; send the rest first."
            )
        return upload

    async def append(self, caller: Identity, upload_id: str, offset: int, body: IncomingBody) -> Upload:
        """Stores the body behind the first ``offset`` bytes; the upload without its parts, at its new offset.

        UploadOffsetMismatch where it stands elsewhere, also once another request was quicker; FileTooLarge past its
        length; Overloaded; BodyMalformed where the client goes away, and then what was received is stored.
        """
        upload = await self.find(caller, upload_id)
        if offset != upload.offset:
            raise UploadOffsetMismatch(f"The upload stands at {upload.offset}, not at {offset}; go on from there.")
        if len(upload.parts) >= MOST_PARTS:
            raise BodyMalformed(f"The upload has {MOST_PARTS} parts; begin anew, with chunks of {_MB_PART} MB.")
        left = upload.info.length - offset
        too_large = FileTooLarge(f"The body goes past the upload's length of {upload.info.length} bytes.")
        announced = left if body.content_length is None else body.content_length
        if announced > left:
            raise too_large
        if announced > self._budget.limit:
            raise FileTooLarge(
                f"One request may carry {self._budget.limit // MEGABYTE} MB here; send chunks of {_MB_PART} MB."
            )
        parts = _Parts(self._store, upload_id, offset)
        with self._budget.reserve(announced):
            async with aclosing(body.pieces(left, too_large)) as pieces:
                await self._store_parts(pieces, parts)
        return Upload(upload_id, upload.info, offset=parts.offset)

    async def _store_parts(self, pieces: AsyncGenerator[bytes, None], parts: _Parts) -> None:
        """Every part is written to its end, whoever goes away meanwhile."""
        while True:
            try:
                piece = await anext(pieces, None)
            except (BodyMalformed, asyncio.CancelledError):
                with suppress(GnosisError):  # the client sends again what does not stand
                    await self._background.finish(parts.flush())
                raise
            if piece is None:
                break
            if parts.take(piece):
                await self._background.finish(parts.write())
        await self._background.finish(parts.flush())

    async def pieces(self, upload: Upload) -> AsyncIterator[bytes]:
        """The content of a finished upload, with bounded memory. UploadNotFound where it was removed meanwhile."""
        try:
            for part in upload.parts:
                async for piece in self._store.open_read(part.name):
                    yield piece
        except BlobNotFound:
            raise UploadNotFound from None

    async def terminate(self, caller: Identity, upload_id: str) -> None:
        """UploadNotFound, UploadExpired."""
        await self._info(caller, upload_id)
        await self._background.finish(self.remove(upload_id))

    async def remove(self, upload_id: str) -> None:
        """Everything of the upload goes, its info first: from then on nobody finds it, and retention finds the rest."""
        await self._remove(layout.upload_info(upload_id))
        places = asyncio.Semaphore(_REMOVED_AT_ONCE)

        async def remove(name: str) -> None:
            async with places:
                await self._remove(name)

        while listed := await self._store.list(layout.upload_folder(upload_id), "", _LISTED):
            await asyncio.gather(*(remove(part.name) for part in listed))

    async def _remove(self, name: str) -> None:
        with suppress(BlobNotFound):
            await self._store.delete(name)

    async def _info(self, caller: Identity, upload_id: str) -> UploadInfo:
        if not is_upload_id(upload_id):
            raise UploadNotFound
        try:
            info = decode_upload((await self._store.read(layout.upload_info(upload_id))).data)
        except BlobNotFound:
            raise UploadNotFound from None
        if not caller.owns(info.user_email):
            raise UploadNotFound
        if self._clock.now() >= expiry_of(upload_id):
            raise UploadExpired(f"The upload expired on {to_text(expiry_of(upload_id))}; begin anew.")
        return info


_MB_PART = PART_BYTES // MEGABYTE


class _Parts:
    """What was received, cut into parts. offset: up to which it is stored."""

    def __init__(self, store: BlobStore, upload_id: str, offset: int) -> None:
        self._store = store
        self._upload_id = upload_id
        self._held = bytearray()
        self.offset = offset

    def take(self, piece: bytes) -> bool:
        """Whether there is enough for a part."""
        self._held += piece
        return len(self._held) >= PART_BYTES

    async def write(self) -> None:
        """Stores all whole parts. UploadOffsetMismatch where another request has stored one there."""
        while len(self._held) >= PART_BYTES:
            await self._create(bytes(memoryview(self._held)[:PART_BYTES]))

    async def flush(self) -> None:
        """Stores all that is left, the last part a shorter one."""
        await self.write()
        if self._held:
            await self._create(bytes(self._held))

    async def _create(self, part: bytes) -> None:
        try:
            await self._store.create(layout.upload_part(self._upload_id, self.offset), part)
        except BlobConflict:
            raise UploadOffsetMismatch(
                f"Another request has gone on at {self.offset}; ask with HEAD where the upload stands."
            ) from None
        del self._held[: len(part)]
        self.offset += len(part)
