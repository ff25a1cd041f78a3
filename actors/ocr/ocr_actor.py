"""The OCRActor: one replica of a pool. It gets pages of all jobs, fetches their pixels, and reads them in batches.

The engine blocks in a thread of its own, one batch at a time, so the replica goes on answering. A batch that takes too
long can't be stopped: its pages get EngineTimeout, and the replica says that it is unwell, so that it is replaced.
"""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from actors.ocr.batcher import Batcher
from actors.ocr.engine import Engine, PageImage, Pixels
from actors.ocr.protocol import RecognizeRequest
from actors.ocr.worker_thread import WorkerThread
from cluster.blobs.port import BlobStore
from cluster.clock import Clock, SystemClock
from cluster.errors import BlobNotFound, EngineFailed, EngineOutOfMemory, EngineTimeout, PageError
from cluster.page_text import PageText

log = logging.getLogger(__name__)

FETCH_S = 3.0
PAGE_TIMEOUT_S = 120.0
QUEUE = 256
"""Pages that may wait in a replica; further ones wait to be let in."""

Answer = PageText | PageError


class Unwell(Exception):
    """The replica hangs in a batch and must be replaced."""


@dataclass(slots=True)
class _Counts:
    pages: int = 0
    failed: int = 0


class OcrActor:
    """fetch: resolves an opaque reference to pixels. page_timeout_s: for each page of a batch, from its start."""

    def __init__(
        self,
        engine: Engine,
        blobs: BlobStore,
        fetch: Callable[[Any], Awaitable[Pixels]],
        *,
        clock: Clock | None = None,
        page_timeout_s: float = PAGE_TIMEOUT_S,
    ) -> None:
        self._engine = engine
        self._blobs = blobs
        self._fetch = fetch
        self._thread = WorkerThread("engine")
        self._batcher: Batcher[PageImage, Answer] = Batcher(
            self._read,
            engine.limits,
            thread=self._thread,
            cost=lambda page: page.cost,
            capacity=QUEUE,
            page_timeout_s=page_timeout_s,
            clock=clock or SystemClock(),
        )
        self._counts = _Counts()

    async def start(self) -> None:
        """Loads the engine. StartupError says what is missing."""
        await self._thread.call(self._engine.load)

    async def recognize(self, requests: list[RecognizeRequest]) -> list[Answer]:
        """One answer for each page, in order."""
        return list(await asyncio.gather(*(self._recognize(request) for request in requests)))

    async def check_health(self) -> None:
        if self._batcher.stuck:
            raise Unwell("A batch did not end in time.")

    async def info(self) -> dict[str, Any]:
        """engine, version, pages read, failed, batches, mean fill (0 to 1), pages waiting."""
        batches = self._batcher.batches
        return {
            "engine": self._engine.name,
            "version": self._engine.version,
            "pages": self._counts.pages,
            "failed": self._counts.failed,
            "batches": batches,
            "fill": self._batcher.pages / batches / self._engine.limits.pages if batches else 0.0,
            "waiting": self._batcher.waiting,
        }

    async def close(self) -> None:
        await self._batcher.close()
        self._thread.close()

    async def _recognize(self, request: RecognizeRequest) -> Answer:
        pixels = await self._pixels(request)
        if isinstance(pixels, PageError):
            return pixels
        page = PageImage(request.job_id, request.page, pixels)
        try:
            answer = await self._batcher.submit(page, alone=request.alone)
        except EngineTimeout as error:
            answer = error
        self._counts.pages += 1
        self._counts.failed += isinstance(answer, PageError)
        return answer

    # ------------------------------------------------------------ pixels

    async def _pixels(self, request: RecognizeRequest) -> Pixels | PageError:
        """By reference while it lasts, else from the stored page image."""
        if not getattr(self._engine, "needs_pixels", True):
            return np.broadcast_to(np.uint8(255), (request.height, request.width, 3))
        if request.pixels is not None:
            try:
                async with asyncio.timeout(FETCH_S):
                    return await self._fetch(request.pixels)
            except Exception as error:  # a lost reference comes in many shapes, and none of them matters here
                log.info("page %d of %s: read from the store (%s)", request.page, request.job_id, type(error).__name__)
        try:
            data = (await self._blobs.read(request.image)).data
        except BlobNotFound:
            return EngineFailed("The page image is not in the blob store.")
        try:
            return await asyncio.to_thread(_decode, data)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            return EngineFailed(f"The page image can't be decoded: {error}.")

    # ------------------------------------------------------------ batches

    def _read(self, batch: list[PageImage]) -> list[Answer]:
        """The engine's answers. If it raises for the batch as a whole, each page is read alone."""
        try:
            return self._engine.recognize(batch)
        except Exception as error:
            log.warning("a batch of %d pages failed (%r)", len(batch), error)
            if len(batch) == 1:
                return [_as_page_error(error)]
        return [answer for page in batch for answer in self._read([page])]


def _as_page_error(error: Exception) -> PageError:
    if isinstance(error, PageError):
        return error
    if isinstance(error, MemoryError):
        return EngineOutOfMemory()
    return EngineFailed(f"The engine failed: {type(error).__name__} {error}.")


def _decode(data: bytes) -> Pixels:
    """uint8 array (height, width, 3), RGB."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))
