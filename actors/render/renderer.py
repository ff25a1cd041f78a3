"""The Renderer: opens documents, renders their pages and joins results, with MuPDF in a process of its own.

A request's way: the document is fetched to the local disk (once, whoever asks), the page is drawn by the rendering
process (one at a time, in the order of asking), its pixels are published under an opaque reference, its PNG is stored,
and the answer is returned. Drawing the next page does not wait for storing the last, up to a budget of bytes.

A request waits for its turn for a bounded time (call_limits.py): past it neither is its page drawn nor, drawn, stored.
Its caller may have died long ago, and the job been deleted since; who still waits is told so, and asks again.

Faults of documents and pages are answers, never raised. What is raised: ReplicaLost where opening a document ended or
hung the rendering process or none can be started, and BlobErrors of the store.

A plain class: Ray, where there is any, wraps it at the edge and gives ``publish``.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from actors.job.ports import ReplicaLost
from actors.ocr.engine import Pixels
from actors.ocr.pixel_reference import Fetch
from actors.render.arranger import Arranger
from actors.render.assembly import assemble
from actors.render.byte_budget import ByteBudget
from actors.render.call_limits import CallLimits
from actors.render.document_cache import DocumentCache
from actors.render.kept_references import KeptReferences
from actors.render.layout_lanes import SERVE_LAYOUT, LayoutLanes
from actors.render.order import (
    Answer,
    CloseOrder,
    EmbeddedOrder,
    LayerOrder,
    OpenOrder,
    Order,
    OutOfMemory,
    PageDrawn,
    RenderOrder,
    TextTaken,
)
from actors.render.process import SERVE, RenderProcess, Reply
from actors.render.protocol import (
    ArrangeAnswer,
    ArrangeRequest,
    AssembleRequest,
    DocumentRef,
    OpenedDocument,
    RenderAnswer,
    RenderedPage,
    RenderRequest,
    TextPage,
)
from actors.render.scratch_folder import ScratchFolder
from actors.render.searchable_pdf import SearchablePdfs
from actors.render.turn import Turn
from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.clock import Clock
from cluster.errors import (
    AssemblyTimeout,
    BlobNotFound,
    BlobUnavailable,
    CallOverdue,
    DocumentDamaged,
    DocumentError,
    GnosisError,
    PageError,
    PageTooLarge,
    RenderCrashed,
    RenderFailed,
    RenderTimeout,
    SourceNotFound,
    TooManyPages,
)
from cluster.log_context import logged_about
from cluster.tracing import work_traced

logger = logging.getLogger(__name__)


class Renderer:
    """publish: makes of a uint8 array (height, width, 3), RGB, a reference that others can read it by; may block.
    fetch: resolves such a reference, of any Renderer, to its pixels.

    limits: time-outs of opening and drawing count from when the rendering process begins, not from when it was asked;
    the time that a page may wait for that, from its call's arrival, on ``clock``. memory_mb: what that process
    may allocate above the 85 MB it takes to start. scratch: the folder in which copies of documents are kept, up to
    ``cache_bytes`` of those that nobody uses. kept_references, kept_bytes: how long published pixels live on.
    storing_bytes: pixels and PNGs that may wait to be stored. child: what the rendering process runs, MODULE:FUNCTION.
    layout_processes: how many there may be, each with up to ``layout_memory_mb`` above what it takes to start;
    layout_child: what they run.
    """

    def __init__(
        self,
        store: BlobStore,
        publish: Callable[[Pixels], Any],
        fetch: Fetch,
        clock: Clock,
        *,
        limits: CallLimits | None = None,
        memory_mb: int = 800,
        scratch: Path | None = None,
        cache_bytes: int = 2 << 30,
        kept_references: int = 64,
        kept_bytes: int = 256 << 20,
        storing_bytes: int = 192 << 20,
        assemble_pages_at_once: int = 8,
        child: str = SERVE,
        layout_processes: int = 1,
        layout_memory_mb: int = 800,
        layout_child: str = SERVE_LAYOUT,
    ) -> None:
        self._store = store
        self._publish = publish
        self._clock = clock
        self._limits = limits or CallLimits()
        self._assemble_pages_at_once = assemble_pages_at_once
        self._folder = ScratchFolder(scratch)
        self._cache = DocumentCache(store, self._folder.path, cache_bytes, clock, self._forget)
        self._kept = KeptReferences(kept_references, kept_bytes)
        self._storing = ByteBudget(storing_bytes)
        self._process = RenderProcess(memory_mb=memory_mb, target=child)
        # One thread, for the rendering process belongs to the thread that started it; its queue is first in, first out.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="render")
        self._turn = Turn()
        self._searchable = SearchablePdfs(self._lay, self._thread, self._cache, self._folder.path)
        lanes = LayoutLanes(layout_processes, layout_memory_mb, clock, layout_child)
        self._arranger = Arranger(store, fetch, clock, self._limits, lanes)
        self._closed = False

    @property
    def child_pid(self) -> int | None:
        """The rendering process's id; None before it is started and after it was lost."""
        return self._process.pid

    def hurry(self) -> None:
        """Begins to start the processes where a Renderer died before: its pages wait. Else memory stays free."""
        if self._folder.follows:
            self._thread.submit(self._process.start)  # where it can't be started, the order that comes says so
            self._arranger.expect_pages()

    async def open(self, document: DocumentRef) -> OpenedDocument | DocumentError:
        """Raises ReplicaLost where the document ends or hangs the rendering process."""
        try:
            async with self._cache.lease(document.raw) as path:
                reply = await self._ask(OpenOrder(str(path), document.password), self._limits.open_s)
        except BlobNotFound:
            return SourceNotFound("The uploaded document is not in the blob store.")
        except (RenderCrashed, RenderTimeout) as error:
            logger.warning("Opening the document of job %s: %s", document.job_id, error.detail)
            raise ReplicaLost(f"Opening the document: {error.detail}") from error
        match reply.answer:
            case int(total_pages) if total_pages > document.max_pages:
                return TooManyPages(f"The document has {total_pages} pages; allowed are {document.max_pages}.")
            case int(total_pages):
                return OpenedDocument(total_pages)
            case DocumentError() as fault:
                return fault
            case OutOfMemory():
                return DocumentDamaged("Opening the document takes more memory than allowed.")
            case other:
                return DocumentDamaged(f"The document can't be opened ({type(other).__name__}).")

    async def render(self, requests: list[RenderRequest]) -> list[RenderAnswer]:
        """One answer for each request, in order; what is drawn of them is stored before the answer. Raises BlobErrors.

        A page whose embedded text is taken is not drawn, but where its document needs a password: none is there later.
        """
        arrival = self._clock.monotonic()
        answers = await asyncio.gather(*(self._logged(each, arrival) for each in requests), return_exceptions=True)
        rendered: list[RenderAnswer] = []
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, (PageError, CallOverdue)):
                raise answer
            rendered.append(answer)
        return rendered

    async def arrange(self, requests: list[ArrangeRequest]) -> list[ArrangeAnswer]:
        """One answer for each request, in order; a fault of the layout model is none of the page (arranger.py)."""
        return await self._arranger.arrange(requests)

    async def assemble(self, request: AssembleRequest) -> dict[str, GnosisError]:
        """Creates the outputs that are not there yet; those that could not be made, and why.

        Raises BlobErrors, and AssemblyTimeout; the next attempt finds the pages' text files that were written by then.
        """
        try:
            async with asyncio.timeout(self._limits.assemble_s):
                at_once = self._assemble_pages_at_once
                joins = {"pdf": self._searchable.join}
                return await assemble(self._store, request, pages_at_once=at_once, joins=joins)
        except TimeoutError as error:
            raise AssemblyTimeout from error

    async def check_health(self) -> None:
        """Raises ReplicaLost once closed. A lost rendering process is replaced by itself, so it is no illness."""
        if self._closed:
            raise ReplicaLost("The Renderer is closed.")

    async def close(self) -> None:
        """Ends the rendering process and removes local copies. The page being drawn ends as RenderCrashed."""
        if self._closed:
            return
        self._closed = True
        self._process.close()
        await self._arranger.close()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._process.end)
        self._thread.shutdown(wait=False)
        self._kept.clear()
        await self._cache.close()
        await asyncio.to_thread(self._folder.remove)

    async def _forget(self, path: Path) -> None:
        """The local copy was removed since nobody used it: what is still held of it goes as well."""
        if not len(self._cache):
            self._kept.clear()  # whoever was sent one of these references took it up minutes ago, or never will
        try:
            await self._ask(CloseOrder(str(path)), self._limits.open_s)
        except (RenderCrashed, RenderTimeout, ReplicaLost) as error:
            logger.warning("The rendering process was lost as it closed a document: %s", error.detail)

    async def _lay(self, order: LayerOrder) -> Answer:
        """Ahead of pages that wait to be drawn: a job that is done but for this does not wait for others to begin."""
        return (await self._ask(order, self._limits.draw_s, ahead=True)).answer

    async def _ask(self, order: Order, timeout_s: float, begin_by: float = math.inf, *, ahead: bool = False) -> Reply:
        """begin_by: on the clock's monotonic scale; CallOverdue where the order's turn comes later."""
        async with self._turn.taken(ahead=ahead):
            await self._storing.room()
            self._check_time(begin_by)
            if self._closed:
                raise ReplicaLost("The Renderer is closed.")
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._process.call, order, timeout_s)

    def _check_time(self, latest: float) -> None:
        if self._clock.monotonic() > latest:
            raise CallOverdue

    async def _logged(self, request: RenderRequest, arrival: float) -> RenderedPage | TextPage:
        where = request.document.job_id, request.document.origin, request.page
        with logged_about(*where), work_traced("Renderer.render", *where):
            answer = await self._render(request, arrival)
            logger.debug("job %s page %d rendered", request.document.job_id, request.page)
            return answer

    async def _render(self, request: RenderRequest, arrival: float) -> RenderedPage | TextPage:
        wait_s = self._limits.wait_s if request.wait_s is None else min(request.wait_s, self._limits.wait_s)
        if request.layout == "full":
            self._arranger.expect_pages()
        async with self._cache.lease(request.document.raw) as path:
            reply = await self._page(request, str(path), arrival + wait_s)
            if isinstance(reply.answer, PageDrawn | TextTaken) and request.layout == "full":
                await self._arrange_own_text(request, reply, str(path), arrival + wait_s)
        match reply.answer:
            case PageDrawn():
                storing_begins = arrival + wait_s + self._limits.draw_s
                return await self._store_page(request, reply.answer, reply, storing_begins)
            case TextTaken(size, read):
                return TextPage(request.page, size.page_width, size.page_height, size.width, size.height, read)
            case PageError() as fault:
                raise fault
            case OutOfMemory():
                raise PageTooLarge("Rendering the page takes more memory than allowed.")
            case other:
                raise RenderFailed(f"The page could not be rendered ({type(other).__name__}).")

    async def _page(self, request: RenderRequest, path: str, begin_by: float) -> Reply:
        order = RenderOrder(
            path,
            request.page,
            request.dpi,
            request.max_megapixels,
            request.document.password,
            request.mode,
            always_draw=request.document.password is not None,
        )
        try:
            return await self._ask(order, self._limits.draw_s, begin_by)
        except (RenderCrashed, RenderTimeout) as error:
            logger.warning("Page %d of job %s: %s", request.page, request.document.job_id, error.detail)
            raise

    async def _arrange_own_text(self, request: RenderRequest, reply: Reply, path: str, begin_by: float) -> None:
        """Puts the embedded text that was taken, if any was, in the order of reading."""
        answer, document = reply.answer, request.document
        assert isinstance(answer, PageDrawn | TextTaken)
        if answer.read is None or not answer.read.lines:
            return
        reply.pixels = None  # no engine will see them, and the page may wait for long
        size = answer.size if isinstance(answer, TextTaken) else answer
        order = EmbeddedOrder(path, request.page, answer.read, size.page_width, size.page_height, document.password)
        read = await self._arranger.arrange_embedded(order, document.job_id, begin_by)
        reply.answer = replace(answer, read=read)

    async def _store_page(
        self, request: RenderRequest, drawn: PageDrawn, reply: Reply, begin_by: float
    ) -> RenderedPage | TextPage:
        """begin_by: as for ``_ask``."""
        image = layout.page_image_file(request.page)
        size = len(reply.png) + drawn.width * drawn.height * 3
        self._storing.take(size)
        try:
            reference = None if drawn.read is not None else await self._published(reply)
            self._check_time(begin_by)
            await self._store_image(layout.page_image(request.document.prefix, request.page), reply.png)
        finally:
            self._storing.give_back(size)
        if drawn.read is not None:
            sizes = (drawn.page_width, drawn.page_height, drawn.width, drawn.height)
            return TextPage(request.page, *sizes, drawn.read, image)
        return RenderedPage(
            page=request.page,
            image=image,
            width=drawn.width,
            height=drawn.height,
            page_width=drawn.page_width,
            page_height=drawn.page_height,
            dpi=drawn.dpi,
            reason=drawn.reason,
            pixels=reference,
        )

    async def _store_image(self, name: str, png: bytes) -> None:
        try:
            async with asyncio.timeout(self._limits.store_s):
                await self._store.put(name, png)
        except TimeoutError as error:
            raise BlobUnavailable(f"{name}: not stored within {self._limits.store_s:g} s") from error

    async def _published(self, reply: Reply) -> Any:
        """The reference, kept alive; the pixels themselves are let go. None where they could not be published."""
        pixels, reply.pixels = reply.pixels, None
        assert pixels is not None
        try:
            reference = await asyncio.to_thread(self._publish, pixels)
        except Exception:
            # Whatever is wrong (Ray's object store is full, say): the page image is in the blob store as well.
            logger.warning("Pixels could not be published; the page image is read instead.", exc_info=True)
            return None
        self._kept.keep(reference, pixels.nbytes)
        return reference
