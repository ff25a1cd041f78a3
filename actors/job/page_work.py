"""The work on pages, as the JobActor has it done: render, recognise, store the result.

Each method carries out one effect and returns the event it ended in. What passes between the effects of one page (its
place in flight, its image, its text) is kept here and dropped when the page ends; the machine never sees it.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

from actors.content.arranging import in_plain_order
from actors.job.effects import RecognizePage, RenderPage, SaveResult
from actors.job.events import (
    PageExtracted,
    PageFailed,
    PageRecognized,
    PageRendered,
    ReplicaLost,
    ResultSaved,
    ResultSummary,
)
from actors.job.host_meter import RENDERER
from actors.job.ledger import BACKOFF_S
from actors.job.page_gate import Pass
from actors.job.patience import patiently
from actors.job.ports import ReplicaLost as Lost
from actors.job.services import Services
from actors.ocr.protocol import RecognizeRequest
from actors.render.protocol import ArrangeRequest, DocumentRef, RenderedPage, RenderRequest, TextPage
from cluster import layout
from cluster.errors import (
    BlobConflict,
    BlobCorrupt,
    BlobError,
    BlobNotFound,
    CallOverdue,
    EngineFailed,
    EngineGaveUp,
    PageError,
)
from cluster.metrics import TimedStage
from cluster.options import JobOptions
from cluster.origin import Origin
from cluster.page_text import PageResult, PageText, decode_result, encode_result
from cluster.record import ErrorInfo
from cluster.tracing import work_traced

log = logging.getLogger(__name__)

LETTER_SQUARE_INCHES = 8.5 * 11

ALONE_FIRST = -1
"""The rank of a page that is read alone: while it waits in a replica, another may end it, and it would be blamed."""

ARRANGE_LOSSES = 2


class PageDesk:
    """The pages in flight of one job. document: whose pages they are. options: the job's. epoch: of the claim they are
    read under.

    pool: the engine whose budget they are rendered in. rank: of the job, among those that wait for the same budget; it
    may change.
    """

    def __init__(
        self, services: Services, document: DocumentRef, options: JobOptions, epoch: int, pool: str, rank: int
    ) -> None:
        self._services = services
        self._pool = pool
        self.rank = rank
        self.document = document
        self._options = options
        self._arranges = options.layout == "full"
        self._epoch = epoch
        self._passes: dict[int, Pass] = {}
        self._images: dict[int, RenderedPage | TextPage] = {}
        self._texts: dict[int, PageText] = {}

    async def render(self, effect: RenderPage) -> PageRendered | PageExtracted | PageFailed | ReplicaLost:
        """A call that has waited too long in its replica is made again: waiting costs the page no attempt."""
        await self._enter(effect.page, self._pool)
        try:
            with self._services.meter.timed(TimedStage.RENDER), self._traced("render page", effect.page) as origin:
                answer = await self._rendered(effect.page, replace(self.document, origin=origin), effect.alone)
        except Lost as lost:
            self._services.meter.lost(RENDERER, lost.announced)
            return ReplicaLost(effect.run, effect.page, effect.attempt, lost.announced)
        if isinstance(answer, PageError):
            return PageFailed(effect.run, effect.page, effect.attempt, ErrorInfo(answer.code, answer.detail))
        self._images[effect.page] = answer
        if isinstance(answer, TextPage):
            self._texts[effect.page] = answer.read
            return PageExtracted(effect.run, effect.page, effect.attempt, answer.image)
        held = self._passes.get(effect.page)
        if held is not None:
            self._services.gate.resize(held, answer.width * answer.height / 1e6)
        return PageRendered(effect.run, effect.page, effect.attempt, answer.image)

    async def _rendered(self, page: int, document: DocumentRef, alone: bool) -> RenderedPage | TextPage | PageError:
        asked = self._options
        request = RenderRequest(document, page, asked.dpi, self._services.max_megapixels, asked.mode, asked.layout)
        while isinstance(answer := await self._services.renders.submit(request, alone=alone), CallOverdue):
            log.info("job %s page %d is asked for again: %s", self.document.job_id, page, answer.detail)
        return answer

    def _traced(self, name: str, page: int) -> AbstractContextManager[Origin]:
        return work_traced(name, self.document.job_id, self.document.origin, page)

    async def recognize(self, effect: RecognizePage) -> PageRecognized | PageFailed | ReplicaLost:
        reads = self._services.reads.get(effect.engine)
        if reads is None:
            gone = ErrorInfo(EngineFailed.code, "The engine that the job asks for is not configured any more.")
            return PageFailed(effect.run, effect.page, effect.attempt, gone, gave_up=True)
        await self._enter(effect.page, effect.engine)
        image = self._images[effect.page]
        assert isinstance(image, RenderedPage), "a page whose embedded text is taken is not recognised"
        request = RecognizeRequest(
            self.document.job_id,
            effect.page,
            self.document.prefix + image.image,
            image.width,
            image.height,
            image.pixels,
            effect.alone,
            ALONE_FIRST if effect.alone else self.rank,
            self._options.language_codes,
            self.document.origin,
        )
        try:
            with self._traced("recognise page", effect.page) as origin:
                answer = await reads.submit(replace(request, origin=origin), alone=effect.alone)
        except Lost as lost:
            self._services.meter.lost(effect.engine, lost.announced)
            return ReplicaLost(effect.run, effect.page, effect.attempt, lost.announced)
        if isinstance(answer, PageError):
            error, gave_up = ErrorInfo(answer.code, answer.detail), isinstance(answer, EngineGaveUp)
            return PageFailed(effect.run, effect.page, effect.attempt, error, gave_up)
        if self._arranges and answer.lines and answer.markdown is None:
            with self._services.meter.timed(TimedStage.ARRANGE):
                answer = await self._arranged(request, answer)
        self._texts[effect.page] = answer
        return PageRecognized(effect.run, effect.page, effect.attempt)

    async def _arranged(self, page: RecognizeRequest, read: PageText) -> PageText:
        """A page whose replica is lost twice is put in plain order here: what was read is not read again for it.

        A loss that was announced is not counted, as with pages that are drawn or read.
        """
        request = ArrangeRequest(
            page.job_id, page.page, page.image, page.width, page.height, read, page.pixels, page.origin
        )
        losses = 0
        while losses < ARRANGE_LOSSES:
            try:
                alone = page.alone or losses > 0
                while isinstance(answer := await self._services.arranges.submit(request, alone=alone), CallOverdue):
                    log.info("job %s page %d is asked for again: %s", page.job_id, page.page, answer.detail)
                return answer
            except Lost as lost:
                losses += not lost.announced
                self._services.meter.lost(RENDERER, lost.announced)
                log.warning("job %s page %d: its Renderer was lost: %s", page.job_id, page.page, lost.detail)
        return in_plain_order(read, page.width, page.height, "its Renderer was lost twice")

    async def save(self, effect: SaveResult) -> ResultSaved:
        """Stores the result, created once; one that stands there already is taken instead. Waits out the store.

        The text file beside it is written when the outputs are assembled: it would be a second write a page here.
        """
        result = self._result(effect)
        with self._services.meter.timed(TimedStage.SAVE), self._traced("save result", effect.page):
            result = await self._saved(effect.page, result)
        log.debug("job %s page %d stored", self.document.job_id, effect.page)
        return ResultSaved(effect.run, effect.page, effect.attempt, summary_of(result))

    async def _saved(self, page: int, result: PageResult) -> PageResult:
        """The result that stands there now."""
        name = layout.page_result(self.document.prefix, page)
        data = encode_result(result)
        attempt = 0
        while True:
            await self._services.gate.cleared(self.document.job_id)
            try:
                await self._services.blobs.create(name, data)
                return result
            except BlobConflict:
                stored = await self._stored(name, data)
                if stored is not None:
                    return stored
            except BlobError as error:
                log.warning("job %s page %d: %s", self.document.job_id, page, error.detail)
            await self._services.clock.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1

    def end(self, page: int) -> None:
        """The page has ended: its place, image and text are free."""
        self._services.meter.page_left(self.document.job_id, page)
        held = self._passes.pop(page, None)
        if held is not None:
            self._services.gate.leave(held)
        self._images.pop(page, None)
        self._texts.pop(page, None)

    def keep_only(self, pages: set[int]) -> None:
        """All other pages are dropped, those waiting for their turn as well."""
        self._services.gate.drop(self.document.job_id)
        for page in {*self._passes, *self._images, *self._texts} - pages:
            self.end(page)
        self._services.meter.pages_left(self.document.job_id, but=pages)

    async def _enter(self, page: int, pool: str) -> None:
        """Takes a place in the pool's budget for the page, where it has none; one in another pool's it gives back."""
        held = self._passes.get(page)
        if held is not None and held.pool == pool:
            return
        if held is not None:
            del self._passes[page]
            self._services.gate.leave(held)
        guess = LETTER_SQUARE_INCHES * self._options.dpi**2 / 1e6 if held is None else held.megapixels
        self._services.meter.page_came(self.document.job_id, page, pool)
        with self._services.meter.timed(TimedStage.WAIT):
            self._passes[page] = await self._services.gate.enter(pool, self.document.job_id, guess, self.rank)

    async def _stored(self, name: str, ours: bytes) -> PageResult | None:
        """What stands there; unreadable content is no result and is written over. None: try again."""
        try:
            found = await self._services.blobs.read(name)
        except BlobError:
            return None
        try:
            return decode_result(found.data)
        except BlobCorrupt as error:
            log.error("%s is written again: %s", name, error.detail)
        try:
            await self._services.blobs.replace(name, ours, found.generation)
        except BlobError:
            return None
        return decode_result(ours)

    def _result(self, effect: SaveResult) -> PageResult:
        image, text = self._images[effect.page], self._texts[effect.page]
        if isinstance(image, RenderedPage):
            text = replace(text, reason=_joined(effect.reason, image.reason, text.reason))
            text = text.scaled(image.page_width / image.width if image.width else 1.0)
        return PageResult(
            job_id=self.document.job_id,
            page=effect.page,
            run=effect.run,
            epoch=self._epoch,
            attempts=effect.attempt,
            width=image.page_width,
            height=image.page_height,
            image=image.image,
            image_width=image.width,
            image_height=image.height,
            read=text,
        )


def summary_of(result: PageResult) -> ResultSummary:
    text = result.read
    return ResultSummary(
        text.source,
        text.engine,
        text.engine_version,
        text.confidence,
        text.rotation,
        text.duration_ms,
        text.reason,
        result.image,
        text.attempts,
        result.run,
        text.skew,
        text.layout,
        text.layout_ms,
    )


def _joined(*reasons: str | None) -> str | None:
    return "; ".join(reason for reason in reasons if reason) or None


async def read_summaries(services: Services, prefix: str, pages: list[int]) -> dict[int, ResultSummary]:
    """The stored results of these pages; one that is unreadable counts as absent. Waits while the store is away."""
    found: dict[int, ResultSummary] = {}
    places = asyncio.Semaphore(8)

    async def read(page: int) -> None:
        async with places:
            try:
                name = layout.page_result(prefix, page)
                blob = await patiently(services.clock, partial(services.blobs.read, name))
                found[page] = summary_of(decode_result(blob.data))
            except (BlobNotFound, BlobCorrupt) as error:
                log.warning("page %d of %s: its result is not taken: %s", page, prefix, error.detail)

    await asyncio.gather(*(read(page) for page in pages))
    return found
