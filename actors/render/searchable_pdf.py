"""The format ``pdf``: the document itself, with the text that was read laid over its pages, unseen.

The rendering process makes it on the local disk (searchable_copy.py), a few pages at a time, so that other jobs' pages
are drawn in between; then it is streamed to the blob store. Pages whose text was embedded already, or that could not be
read, or were not asked for, stay as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import Executor
from contextlib import aclosing, suppress
from dataclasses import replace
from pathlib import Path

from actors.outputs.boxed_pages import BoxedPages
from actors.outputs.page import OutputPage
from actors.render.document_cache import DocumentCache
from actors.render.order import Answer, LayerOrder, LayersAdded, OutOfMemory, PageLayer, new_copy
from actors.render.protocol import AssembleRequest
from cluster.errors import DocumentError, FormatNotAvailable, PageError

OCR = "ocr"
"""The source of pages that are given a layer."""

LINES_A_STEP = 3000
PAGES_A_STEP = 32
PICTURES_A_STEP = 4
"""Pages of an image document in one order: each is decoded and packed."""

_PIECE = 1 << 20

Ask = Callable[[LayerOrder], Awaitable[Answer]]
"""Gives the order to the rendering process. RenderCrashed and RenderTimeout are raised, and told to the machine."""


class SearchablePdfs:
    """folder: where copies grow until they are stored. thread: the one in which ``ask`` waits for its answers, so that
    a copy is removed after the last order about it has ended, also where nobody waits for that any more."""

    def __init__(self, ask: Ask, thread: Executor, cache: DocumentCache, folder: Path) -> None:
        self._ask = ask
        self._thread = thread
        self._cache = cache
        self._folder = folder
        self._copies = 0

    async def join(
        self, request: AssembleRequest, pages: AsyncGenerator[OutputPage, None]
    ) -> AsyncGenerator[bytes, None]:
        """The file's pieces. FormatNotAvailable where another attempt would end the same; BlobErrors, PageErrors."""
        if request.document is None:
            raise FormatNotAvailable("A searchable PDF is made of the document, which is not at hand.")
        self._copies += 1
        copy = self._folder / f"searchable-{self._copies}.pdf"
        images = request.document.file_type != "pdf"
        try:
            async with self._cache.lease(request.document.raw) as path:
                order = LayerOrder(
                    str(path), str(copy), images, (), request.dpi, begin=True, password=request.document.password
                )
                async with aclosing(_steps(pages, request.total_pages if images else None)) as steps:
                    async for step in steps:
                        order = await self._lay(replace(order, pages=step))
            async with aclosing(_pieces(copy)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            with suppress(RuntimeError):  # the Renderer is closed, and removes the folder
                await asyncio.get_running_loop().run_in_executor(self._thread, _remove, copy)

    async def _lay(self, order: LayerOrder) -> LayerOrder:
        """The order that goes on from there."""
        match await self._ask(order):
            case LayersAdded(font):
                return replace(order, begin=False, font=font)
            case OutOfMemory():
                raise FormatNotAvailable("Making the searchable PDF takes more memory than allowed.")
            case DocumentError() | PageError() as fault:
                raise FormatNotAvailable(f"The searchable PDF can't be made: {fault.detail}")
            case other:
                raise FormatNotAvailable(f"The searchable PDF can't be made ({type(other).__name__}).")


async def _steps(
    pages: AsyncGenerator[OutputPage, None], pictures: int | None
) -> AsyncGenerator[tuple[PageLayer, ...], None]:
    """What each order lays; at least one, which may be empty. pictures: how many pages an image document has, each of
    which must be made; None for a PDF, whose pages are there."""
    boxed = BoxedPages("pdf")
    step: list[PageLayer] = []
    steps, last = 0, 0
    async for page in pages:
        if not boxed.take(page):
            continue
        between = () if pictures is None else range(last + 1, page.number)
        last = page.number
        for layer in (*map(_untouched, between), _layer(page)):
            if layer.lines or pictures is not None:
                step.append(layer)
            if _is_full(step, pictures is not None):
                yield tuple(step)
                step, steps = [], steps + 1
    boxed.check()
    for number in range(last + 1, (pictures or 0) + 1):
        step.append(_untouched(number))
        if _is_full(step, True):
            yield tuple(step)
            step, steps = [], steps + 1
    if step or not steps:
        yield tuple(step)


def _layer(page: OutputPage) -> PageLayer:
    """What is laid over the page: nothing where its text was embedded already, or it could not be read."""
    result = page.result
    if result is None or result.read.source != OCR:
        return _untouched(page.number)
    return PageLayer(page.number, result.width, result.height, result.read.rotation, result.read.lines)


def _untouched(number: int) -> PageLayer:
    return PageLayer(number, 0.0, 0.0, 0, ())


def _is_full(step: list[PageLayer], pictures: bool) -> bool:
    most = PICTURES_A_STEP if pictures else PAGES_A_STEP
    return len(step) >= most or sum(len(layer.lines) for layer in step) >= LINES_A_STEP


async def _pieces(path: Path) -> AsyncGenerator[bytes, None]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
    finally:
        file.close()


def _remove(copy: Path) -> None:
    copy.unlink(missing_ok=True)
    new_copy(copy).unlink(missing_ok=True)
