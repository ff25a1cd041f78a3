"""Arranges the lines that an engine read on a page: by the layout model in a process of its own, or in plain order.

A page's way: it waits for a layout process, its pixels are taken by reference as an engine takes them (else the stored
page image), and the process finds the page's regions and makes blocks, text and Markdown of its lines. Nothing is
stored, so an answer that comes late harms nothing; a page that waited too long (call_limits.py) is not begun, since its
caller may have died, and who still waits is told so, and asks again.

Where that fails, whatever the cause, the page's lines are put in order by the white space between them, and the page's
reason says so. A page that ended its process is tried once more, for it may not have been to blame.
"""

from __future__ import annotations

import asyncio
import logging

from actors.content.arranging import in_plain_order
from actors.job.ports import ReplicaLost
from actors.ocr.engine import Pixels
from actors.ocr.pixel_reference import Fetch, referenced_pixels
from actors.render.call_limits import CallLimits
from actors.render.layout_lanes import LayoutLane, LayoutLanes
from actors.render.order import ArrangeOrder, EmbeddedOrder, LayoutOrder, OutOfMemory
from actors.render.protocol import ArrangeAnswer, ArrangeRequest
from cluster.blobs.port import BlobStore
from cluster.clock import Clock
from cluster.errors import BlobError, BlobUnavailable, CallOverdue, LayoutFailed, RenderCrashed, RenderTimeout
from cluster.log_context import logged_about
from cluster.page_text import PageText

logger = logging.getLogger(__name__)

TRIES = 2
"""Of a page that ends its process."""

MOST_LINES = 5000
"""Of embedded text: what has more is no page that anybody reads, and keeps the order of its file."""


class Arranger:
    """fetch: resolves a request's opaque reference to its pixels."""

    def __init__(self, store: BlobStore, fetch: Fetch, clock: Clock, limits: CallLimits, lanes: LayoutLanes) -> None:
        self._store = store
        self._fetch = fetch
        self._clock = clock
        self._limits = limits
        self._lanes = lanes

    async def arrange(self, requests: list[ArrangeRequest]) -> list[ArrangeAnswer]:
        """One answer for each request, in order. BlobUnavailable where a page image is to be had nowhere now."""
        begin_by = self._clock.monotonic() + self._limits.wait_s
        return list(await asyncio.gather(*(self._arrange(request, begin_by) for request in requests)))

    def expect_pages(self) -> None:
        """Pages that will be arranged are being drawn and read."""
        self._lanes.expect_pages()

    async def arrange_embedded(self, order: EmbeddedOrder, job_id: str, begin_by: float) -> PageText:
        """The page's text. begin_by: on the clock's monotonic scale; CallOverdue where its turn comes later."""
        if len(order.read.lines) > MOST_LINES:
            return order.read
        try:
            async with self._lanes.lane() as lane:
                if self._clock.monotonic() > begin_by:
                    raise CallOverdue
                return await self._asked(order, lane)
        except LayoutFailed as error:
            logger.warning("Page %d of job %s: layout: %s", order.page, job_id, error.detail)
            read, width, height = order.read, order.width, order.height
            return await asyncio.to_thread(in_plain_order, read, width, height, error.detail)

    async def close(self) -> None:
        """Ends the layout processes; pages that they have come out in plain order."""
        await self._lanes.close()

    async def _arrange(self, request: ArrangeRequest, begin_by: float) -> ArrangeAnswer:
        with logged_about(request.job_id, request.origin, request.page):
            return await self._in_a_lane(request, begin_by)

    async def _in_a_lane(self, request: ArrangeRequest, begin_by: float) -> ArrangeAnswer:
        try:
            async with self._lanes.lane() as lane:
                if self._clock.monotonic() > begin_by:
                    return CallOverdue()
                return await self._by_model(request, lane)
        except LayoutFailed as error:
            logger.warning("Page %d of job %s: layout: %s", request.page, request.job_id, error.detail)
            read, width, height = request.read, request.width, request.height
            return await asyncio.to_thread(in_plain_order, read, width, height, error.detail)

    async def _by_model(self, request: ArrangeRequest, lane: LayoutLane) -> PageText:
        pixels = await self._pixels(request)
        png = await self._stored_image(request) if pixels is None else None
        return await self._asked(ArrangeOrder(request.read, request.width, request.height, png), lane, pixels)

    async def _asked(self, order: LayoutOrder, lane: LayoutLane, pixels: Pixels | None = None) -> PageText:
        for _ in range(TRIES):
            try:
                reply = await lane.ask(order, self._limits.arrange_s, pixels)
            except RenderCrashed:
                continue
            except RenderTimeout as error:
                raise LayoutFailed(f"it took longer than {self._limits.arrange_s:g} s") from error
            except ReplicaLost as error:
                raise LayoutFailed("its process can't be started") from error
            except MemoryError as error:
                raise LayoutFailed("there was no memory for the page image") from error
            match reply.answer:
                case PageText() as arranged:
                    return arranged
                case LayoutFailed() as failure:
                    raise failure
                case OutOfMemory():
                    raise LayoutFailed("the page takes more memory than allowed")
                case other:
                    raise LayoutFailed(f"its process gave a wrong answer ({type(other).__name__})")
        raise LayoutFailed("the page ended its process")

    async def _pixels(self, request: ArrangeRequest) -> Pixels | None:
        pixels = await referenced_pixels(self._fetch, request.pixels)
        return pixels if pixels is not None and pixels.shape[:2] == (request.height, request.width) else None

    async def _stored_image(self, request: ArrangeRequest) -> bytes:
        try:
            return (await self._store.read(request.image)).data
        except BlobUnavailable:
            raise  # no fault of the page: the caller waits for the store and asks again
        except BlobError as error:
            raise LayoutFailed("the page image can't be read") from error
