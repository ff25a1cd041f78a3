"""Page images that are made when somebody asks for them: of pages whose embedded text was taken, which nobody drew.

A Renderer draws the page and stores its image under the page's name, as for the job itself; the record is not touched.
Requests for the same page share one drawing, and only so many go on at once in each Ingress.

A deletion may come in between. After the drawing the record is read again, and the image of a job that is gone is
removed. Where this process is lost before that, the deletion's own last sweep finds it: the page waits for its turn
for WAIT_S alone, so that what is drawn for a request ends long before the longest call made for a job does, and the
deletion waits for that (actors/render/call_limits.py).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from actors.render.protocol import DocumentRef, RenderedPage, RenderRequest, TextPage
from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobNotFound, CallOverdue, JobNotFound, Overloaded, PageError, PageFailed
from cluster.options import JobOptions
from cluster.record import JobRecord, PageStatus
from serve_app.background import Background
from serve_app.gateway import Gateway
from serve_app.identity import Identity
from serve_app.records import Records

WAIT_S = 20.0
"""A page may wait for its turn in its Renderer for so long."""

TIMEOUT_S = 45.0
"""Of a request for an image: waiting and drawing."""

AT_ONCE = 4
WAITING = 32
"""Drawings of one Ingress that go on, and that are asked for at once."""

_BUSY = "The page's image is being made, or others are; ask for it again."


class PageImages:
    """max_pages, max_megapixels: as jobs are rendered with."""

    def __init__(
        self,
        *,
        store: BlobStore,
        gateway: Gateway,
        records: Records,
        background: Background,
        max_pages: int,
        max_megapixels: float,
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._records = records
        self._background = background
        self._max_pages = max_pages
        self._max_megapixels = max_megapixels
        self._going_on: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    async def make(self, caller: Identity, job: JobRecord, page: int) -> bool:
        """Returns once the page's image is stored; False where it is not a page whose image is made on request.

        JobNotFound where the job was deleted meanwhile, PageFailed where the page can't be drawn, Overloaded where that
        takes too long or too many are asked for.
        """
        record = job.pages.get(page)
        if record is None or record.status is not PageStatus.COMPLETED or record.image is not None:
            return False
        name = layout.page_image(layout.job_prefix(caller.email, job.job_id), page)
        if name not in self._going_on:
            if len(self._going_on) >= WAITING:
                raise Overloaded(_BUSY)
            task = asyncio.ensure_future(self._background.finish(self._made(caller, job, page, name)))
            task.add_done_callback(lambda ended: self._ended(name, ended))
            self._going_on[name] = task
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await asyncio.shield(self._going_on[name])
        except TimeoutError:
            raise Overloaded(_BUSY) from None
        return True

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        del self._going_on[name]
        if not task.cancelled():
            task.exception()  # whoever waited has it; where nobody did, it is no news

    async def _made(self, caller: Identity, job: JobRecord, page: int, name: str) -> None:
        async with self._places:
            await self._records.find(caller, job.job_id)  # it may have waited for its place
            answer = await self._gateway.render_image(self._request(caller, job, page), TIMEOUT_S)
        try:
            await self._records.find_stored(caller, job.job_id)
        except JobNotFound:
            with suppress(BlobNotFound):
                await self._store.delete(name)
            raise
        match answer:
            case RenderedPage() | TextPage():
                return
            case PageError():
                raise PageFailed(f"The image of page {page} can't be made: {answer.detail}")
            case CallOverdue() | None:
                raise Overloaded(_BUSY)

    def _request(self, caller: Identity, job: JobRecord, page: int) -> RenderRequest:
        prefix = layout.job_prefix(caller.email, job.job_id)
        file = job.file_info
        document = DocumentRef(job.job_id, prefix, prefix + file.raw_file, file.file_type, self._max_pages)
        dpi = JobOptions.from_dict(job.options).dpi
        return RenderRequest(document, page, dpi, self._max_megapixels, wait_s=WAIT_S)
