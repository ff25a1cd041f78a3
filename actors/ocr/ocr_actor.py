"""One replica of the OCR pool: an engine, fed in batches by pages of all jobs. A plain class; Ray wraps it elsewhere.

A page's way: it takes one of the replica's places, its pixels are fetched (by reference from the Renderer, or from the
blob store where that fails), it waits for its batch, and is read in the engine's thread. Every page gets an answer of
its own, and holds its pixels until its batch is done. What a job's owner that died had asked for is not read again
for the next one (shared_readings.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from actors.ocr.batch_meter import BatchMeter
from actors.ocr.batch_queue import Place
from actors.ocr.batcher import Batcher
from actors.ocr.engine import Engine, PageImage, Pixels, in_flight_engine
from actors.ocr.flow import Flow
from actors.ocr.page_image import decode_page_image
from actors.ocr.pixel_reference import Fetch, referenced_pixels
from actors.ocr.protocol import RecognizeRequest
from actors.ocr.retirement import Retirement, RetirementLimits
from actors.ocr.shared_readings import SharedReadings
from actors.ocr.worker_thread import WorkerThread
from cluster.blobs.port import BlobStore
from cluster.clock import Clock, SystemClock
from cluster.errors import (
    BlobError,
    BlobNotFound,
    BlobUnavailable,
    EngineCrashed,
    EngineFailed,
    EngineOutOfMemory,
    PageError,
    ReplicaRetiring,
)
from cluster.log_context import logged_about
from cluster.meter import Meter
from cluster.page_text import PageText
from cluster.tracing import work_traced

Answer = PageText | PageError

log = logging.getLogger(__name__)

LEAST_PLACES = 8


def places(batch: int) -> int:
    """Pages that one replica holds at once: the batch in the device, the next one, and enough of other jobs' pages to
    choose from."""
    return 4 * batch + LEAST_PLACES


class OCRActor:
    """fetch: resolves a request's opaque reference to its pixels. page_timeout_s: for each page of a batch, from the
    batch's start. needs_pixels: False where the engine only looks at a page's size; then none are fetched. retirement:
    when the replica is to be replaced; memory_mb: what it takes now, in megabytes. meter: of
    its process.
    """

    def __init__(
        self,
        engine: Engine,
        store: BlobStore,
        fetch: Fetch,
        *,
        page_timeout_s: float = 300,
        needs_pixels: bool = True,
        retirement: RetirementLimits = RetirementLimits(),  # noqa: B008  # it is frozen
        memory_mb: Callable[[], float] = lambda: 0.0,
        clock: Clock | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._meter = BatchMeter(meter or Meter(), engine)
        self._engine = engine
        self._store = store
        self._fetch = fetch
        self._needs_pixels = needs_pixels
        self._thread = WorkerThread(f"engine-{engine.name}")
        self._page_timeout_s = page_timeout_s
        self._clock = clock or SystemClock()
        self._retirement = Retirement(retirement, memory_mb)
        self._calls = 0

    async def start(self) -> None:
        """Loads the engine, in the thread in which it will read. StartupError."""
        engine = self._engine
        await self._thread.call(engine.load)
        # Places are taken before a page's pixels are fetched, so they bound the memory; the batcher's own bound is
        # the same number and never felt. Both are made here, since loading may have changed the engine's limits.
        capacity = places(engine.limits.pages)
        self._places = asyncio.Semaphore(capacity)
        self._shared: SharedReadings[Answer] = SharedReadings(
            capacity, self._clock, keeps=lambda answer: isinstance(answer, PageText)
        )
        flowing = in_flight_engine(engine)
        self._runner: Batcher[PageImage, Answer] | Flow
        if flowing is not None:
            self._runner = Flow(
                flowing,
                thread=self._thread,
                page_timeout_s=self._page_timeout_s,
                clock=self._clock,
                on_page=self._meter.page_read,
            )
            self._meter.watch(lambda: self._runner.waiting)
            return
        self._runner = Batcher(
            self._read,
            engine.limits,
            thread=self._thread,
            cost=lambda page: page.cost,
            capacity=capacity,
            page_timeout_s=self._page_timeout_s,
            clock=self._clock,
            on_batch=self._meter.batch_read,
        )
        self._meter.watch(lambda: self._runner.waiting)

    async def recognize(self, requests: list[RecognizeRequest]) -> list[PageText | PageError]:
        """An answer for each page, in order. BlobUnavailable where a page image could not be fetched either way,
        ReplicaRetiring where this replica is about to be replaced."""
        if self._retirement.reason is not None:
            raise ReplicaRetiring
        self._calls += 1
        try:
            # Each is waited for: a page that is still read belongs to this call, whatever became of another.
            pages = await asyncio.gather(*(self._page(request) for request in requests), return_exceptions=True)
            answers: list[Answer] = []
            for answer in pages:
                if isinstance(answer, BaseException) and not isinstance(answer, PageError):
                    raise answer
                answers.append(answer)
            return answers
        finally:
            self._calls -= 1
            if self._retirement.consider(self._runner.pages):
                self._meter.retiring()

    def check_health(self) -> None:
        """EngineCrashed where a batch ran past its time-out: its thread can't be ended but with its process.
        ReplicaRetiring once a replica that is to be replaced has nothing left to do."""
        self._shared.forget_old()
        if self._runner.stuck:
            raise EngineCrashed("A batch took longer than its time-out; this replica must be replaced.")
        if self._retirement.reason is not None and self._calls == 0:
            log.info("the replica retires: %s", self._retirement.reason)
            raise ReplicaRetiring(self._retirement.reason)

    async def info(self) -> dict[str, Any]:
        """What this replica is and has done. pages, batches: since its start; mean_fill: share of a full batch;
        queue_length: pages that wait for a batch; batch_pages: most pages of one by now."""
        runner = self._runner
        pages, batches = runner.pages, runner.batches
        return {
            "engine": self._engine.name,
            "engine_version": self._engine.version,
            "pages": pages,
            "batches": batches,
            "mean_fill": pages / (batches * self._engine.limits.pages) if batches else 0.0,
            "queue_length": runner.waiting,
            "batch_pages": runner.most,
            "stuck": runner.stuck,
            "retiring": self._retirement.reason is not None,
        }

    async def close(self) -> None:
        """Pages that still wait are cancelled. The blob store stays open: it is its owner's."""
        await self._runner.close()
        self._thread.close()

    async def _page(self, request: RecognizeRequest) -> Answer:
        where = request.job_id, request.origin, request.page
        with logged_about(*where), work_traced("OCRActor.recognize", *where):
            answer = await self._shared.answer(request, self._answered)
            log.debug("job %s page %d recognised", request.job_id, request.page)
            return answer

    async def _answered(self, request: RecognizeRequest) -> Answer:
        async with self._places:
            try:
                pixels = await self._pixels(request)
                page = PageImage(request.job_id, request.page, pixels, request.languages)
                del pixels
                return await self._runner.submit(page, Place(request.job_id, request.rank, request.alone))
            except PageError as error:
                return error
            except MemoryError:
                return EngineOutOfMemory("There was no memory for the page image.")

    async def _pixels(self, request: RecognizeRequest) -> Pixels:
        if not self._needs_pixels:
            return np.broadcast_to(np.uint8(255), (request.height, request.width, 3))
        pixels = await referenced_pixels(self._fetch, request.pixels)
        if pixels is not None:
            return pixels
        try:
            blob = await self._store.read(request.image)
        except BlobNotFound as error:
            raise EngineFailed(f"The page image {request.image} is not in the blob store.") from error
        except BlobUnavailable:
            raise  # no fault of the page: the caller waits for the store and asks again
        except BlobError as error:
            raise EngineFailed(f"The page image {request.image} can't be read: {error.detail}") from error
        return await asyncio.to_thread(decode_page_image, blob.data)

    def _shrink(self, pages: int) -> None:
        if isinstance(self._runner, Batcher):
            self._runner.shrink(pages)

    def _read(self, batch: list[PageImage]) -> list[Answer]:
        """In the engine's thread. Where the engine raises, page by page, so that the guilty alone fail.

        A batch that did not fit is read in halves, and none as large comes again.
        """
        try:
            answers = self._engine.recognize(batch)
            if len(answers) != len(batch):
                raise EngineFailed(f"The engine gave {len(answers)} answers for {len(batch)} pages.")
            return answers
        except EngineOutOfMemory as error:
            if len(batch) == 1:
                return [error]
            half = len(batch) // 2
            log.warning("%d pages did not fit the device; from now on %d at once", len(batch), half)
            self._shrink(half)
            return self._read(batch[:half]) + self._read(batch[half:])
        except Exception as error:
            if len(batch) == 1:
                return [_blamed(error)]
        return [answer for page in batch for answer in self._read([page])]


def _blamed(error: Exception) -> PageError:
    if isinstance(error, PageError):
        return error
    if isinstance(error, MemoryError):
        return EngineOutOfMemory("The engine ran out of memory on the page.")
    return EngineFailed(f"The engine could not read the page: {type(error).__name__} {error}")
