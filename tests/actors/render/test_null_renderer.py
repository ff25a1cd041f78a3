"""The Renderer that renders nothing."""

from __future__ import annotations

import pytest

from actors.render.null_renderer import NullRenderer
from actors.render.protocol import ArrangeRequest, OpenedDocument, RenderedPage, TextPage
from cluster.blobs.memory import MemoryBlobStore
from cluster.errors import SourceNotFound, TooManyPages
from cluster.page_text import Line, PageText
from tests.actors.render import documents


@pytest.mark.parametrize(
    ("raw", "pages"), [(b"%PDF-1.7 pages 50", 50), (b"%PDF-1.7\n%pages: 7\n", 7), (b"%PDF-1.7", 3), (b"", 3)]
)
async def test_the_number_of_pages(store: MemoryBlobStore, raw: bytes, pages: int) -> None:
    await store.put("raw.pdf", raw)
    assert await NullRenderer(store, total_pages=3).open(documents.document("raw.pdf")) == OpenedDocument(pages)


async def test_documents_that_are_not_there_or_too_long(store: MemoryBlobStore) -> None:
    renderer = NullRenderer(store)
    assert isinstance(await renderer.open(documents.document("raw.pdf")), SourceNotFound)
    await store.put("raw.pdf", b"pages 101")
    assert isinstance(await renderer.open(documents.document("raw.pdf", max_pages=100)), TooManyPages)


async def test_lines_are_put_in_plain_order(store: MemoryBlobStore) -> None:
    lines = (Line("below", (0, 50, 40, 60), 0.9), Line("above", (0, 10, 40, 20), 0.9))
    request = ArrangeRequest("j", 1, "page_001.png", 85, 110, PageText("below above", lines))
    (arranged,) = await NullRenderer(store).arrange([request])
    assert isinstance(arranged, PageText)
    assert arranged.text.split() == ["above", "below"]
    assert arranged.reason == "layout: there is no layout model, lines in plain order"


async def test_pages_are_answered_in_order_and_nothing_is_written(store: MemoryBlobStore) -> None:
    renderer = NullRenderer(store)
    of = documents.document("raw.pdf")
    pages = await renderer.render([documents.request(of, 3), documents.request(of, 1)])
    assert [page.page for page in pages if isinstance(page, RenderedPage)] == [3, 1]
    assert all(isinstance(page, RenderedPage) and page.pixels is None for page in pages)
    assert store.log == []
    (text,) = await renderer.render([documents.request(of, 2, mode="text")])
    assert isinstance(text, TextPage)
    assert (text.page, text.image, text.read.text, text.read.source) == (2, None, "", "embedded")
    await renderer.check_health()
    await renderer.close()
