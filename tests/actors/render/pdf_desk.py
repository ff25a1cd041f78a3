"""Searchable PDFs as the tests have them made: of results that they put into a store."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from actors.outputs.line_shape import shape_of
from actors.outputs.words import words_of
from actors.render.assembly import assemble
from actors.render.document_cache import DocumentCache
from actors.render.order import Answer, LayerOrder
from actors.render.protocol import AssembleRequest
from actors.render.renderer import Renderer
from actors.render.searchable_copy import add_layers
from actors.render.searchable_pdf import SearchablePdfs
from cluster import layout
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import SystemClock
from cluster.errors import DocumentError, GnosisError
from cluster.page_text import Line, PageResult, PageText, encode_result
from cluster.record import ErrorInfo
from tests.actors.render import documents
from tests.actors.render.pdf_readers import (
    Word,
)

PREFIX = "users/u/jobs/job-1/"
PDF = layout.output(PREFIX, 1, 1, "pdf")
TXT = layout.output(PREFIX, 1, 1, "txt")
NEAR = 1.5
"""Points: PDFium rounds."""


class NoProcess:
    """Carries the orders out here: quicker than a rendering process, and what it does is the same."""

    def __init__(self, store: MemoryBlobStore, folder: Path) -> None:
        self._store = store
        self._cache = DocumentCache(store, folder, 1 << 30, SystemClock())
        self._searchable = SearchablePdfs(self._laid, self._cache, folder)
        self.orders: list[LayerOrder] = []

    async def assemble(self, request: AssembleRequest) -> dict[str, GnosisError]:
        try:
            return await assemble(self._store, request, pages_at_once=4, joins={"pdf": self._searchable.join})
        finally:
            await self._cache.close()

    async def _laid(self, order: LayerOrder) -> Answer:
        self.orders.append(order)
        try:
            return add_layers(order)
        except DocumentError as error:
            return error


class Desk:
    """A job whose results are put into the store by the test. renderer: what assembles them."""

    def __init__(self, store: MemoryBlobStore, renderer: NoProcess | Renderer) -> None:
        self.store = store
        self.renderer = renderer

    async def made(
        self,
        document: bytes,
        results: Sequence[PageResult],
        *,
        kind: str = "pdf",
        total_pages: int = 1,
        failed: Iterable[int] = (),
        password: str | None = None,
    ) -> dict[str, GnosisError]:
        """The formats that could not be made."""
        raw = f"raw.{kind}"
        await self.store.put(raw, document)
        for result in results:
            await self.store.put(layout.page_result(PREFIX, result.page), encode_result(result))
        request = AssembleRequest(
            "job-1",
            PREFIX,
            tuple(result.page for result in results),
            tuple((page, ErrorInfo("engine_failed", "No.")) for page in failed),
            (("pdf", PDF), ("txt", TXT)),
            "letter.pdf",
            total_pages,
            documents.document(raw, password=password),
        )
        return await self.renderer.assemble(request)

    async def pdf(self, document: bytes, results: Sequence[PageResult], **facts: object) -> bytes:
        assert await self.made(document, results, **facts) == {}  # type: ignore[arg-type]
        return (await self.store.read(PDF)).data


def result(page: int, lines: Iterable[Line], width: float = 400, height: float = 600, **facts: object) -> PageResult:
    read = PageText("\n".join(line.text for line in lines), tuple(lines), **facts)  # type: ignore[arg-type]
    return PageResult("job-1", page, 1, 1, 1, width, height, None, 0, 0, read)


def line(text: str, x: float, y: float, length: float, height: float = 20, degrees: float = 0) -> Line:
    """From its own top left on; degrees clockwise."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = [(0.0, 0.0), (length, 0.0), (length, height), (0.0, height)]
    turned = [(x + cos * a - sin * b, y + sin * a + cos * b) for a, b in corners]
    xs, ys = [a for a, _ in turned], [b for _, b in turned]
    quad = tuple(value for corner in turned for value in corner)
    return Line(text, (min(xs), min(ys), max(xs), max(ys)), 0.9, quad)  # type: ignore[arg-type]


def expected(lines: Iterable[Line], rotation: int = 0) -> list[Word]:
    return [
        Word(word.text, shape_of(one, rotation).box(word.start, word.end))
        for one in lines
        for word in words_of(one.text)
    ]


def same_words(found: list[Word], lines: Iterable[Line], *, near: float = NEAR, rotation: int = 0) -> bool:
    """Whatever their order."""
    left = sorted(found)
    right = sorted(expected(lines, rotation))
    assert [word.text for word in left] == [word.text for word in right]
    for ours, theirs in zip(left, right, strict=True):
        assert ours.box == pytest.approx(theirs.box, abs=near), ours.text
    return True
