"""The Renderer and pages whose embedded text is taken in place of OCR."""

from __future__ import annotations

import asyncio
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from actors.ocr.engine import Pixels
from actors.render.arranger import Arranger
from actors.render.call_limits import CallLimits
from actors.render.order import EmbeddedOrder
from actors.render.process import RenderProcess, Reply
from actors.render.protocol import RenderedPage, TextPage
from cluster import layout
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock
from cluster.errors import CallOverdue
from cluster.page_text import PageText
from tests.actors.render import broken_children as broken
from tests.actors.render import documents
from tests.actors.render.conftest import MakeRenderer

BREAKING = f"{broken.HERE}:break_on_order"


async def test_a_page_whose_own_text_is_taken_is_not_drawn(store: MemoryBlobStore, make_renderer: MakeRenderer) -> None:
    await store.put("raw.pdf", documents.pdf(3))
    published: list[Pixels] = []
    renderer, of = make_renderer(publish=published.append), documents.document("raw.pdf")
    pages = await renderer.render([documents.request(of, 2, dpi=144, mode=mode) for mode in ("auto", "text")])
    for page in pages:
        assert isinstance(page, TextPage)
        assert (page.page, page.image, page.read.text) == (2, None, "This is page 2")
        assert (page.width, page.height, page.page_width, page.page_height) == (800, 1200, 400, 600)
        assert (page.read.source, page.read.engine) == ("embedded", "pymupdf")
        assert page.read.lines[0].bbox[:2] == pytest.approx((50, 40), abs=6), "points, whatever the dpi"
    assert not published
    assert [info.name for info in await store.list(of.prefix)] == []


async def test_of_an_encrypted_document_the_image_is_made_at_once(
    store: MemoryBlobStore, make_renderer: MakeRenderer
) -> None:
    """Later nobody would have its password."""
    await store.put("raw.pdf", documents.encrypted_pdf("sesame"))
    of = documents.document("raw.pdf", password="sesame")
    (page,) = await make_renderer().render([documents.request(of, mode="auto")])
    assert isinstance(page, TextPage)
    assert (page.image, page.read.text) == (layout.page_image_file(1), "This is page 1")
    assert (await store.read(of.prefix + layout.page_image_file(1))).data.startswith(b"\x89PNG")


async def test_pixels_that_no_engine_will_see_are_let_go_before_the_page_waits_for_its_layout(
    store: MemoryBlobStore, make_renderer: MakeRenderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[weakref.ref[Pixels]] = []
    held: list[Pixels | None] = []

    class Watched(RenderProcess):
        def call(self, order: Any, timeout_s: float, pixels: Pixels | None = None) -> Reply:
            reply = super().call(order, timeout_s, pixels)
            if reply.pixels is not None:
                drawn.append(weakref.ref(reply.pixels))
            return reply

    async def arranged(self: Arranger, order: EmbeddedOrder, job_id: str, begin_by: float) -> PageText:
        held.append(drawn[0]())
        return order.read

    monkeypatch.setattr("actors.render.renderer.RenderProcess", Watched)
    monkeypatch.setattr(Arranger, "arrange_embedded", arranged)
    await store.put("raw.pdf", documents.encrypted_pdf("sesame"))
    of = documents.document("raw.pdf", password="sesame")
    (page,) = await make_renderer().render([replace(documents.request(of, mode="auto"), layout="full")])
    assert isinstance(page, TextPage)
    assert page.image is not None
    assert held == [None]


async def test_a_page_without_text_is_drawn_unless_text_alone_is_asked_for(
    store: MemoryBlobStore, make_renderer: MakeRenderer
) -> None:
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 300), dtype=np.uint8))
    await store.put("raw.png", documents.image("png", picture))
    renderer, of = make_renderer(), documents.document("raw.png")
    drawn, taken = await renderer.render([documents.request(of, mode=mode) for mode in ("auto", "text")])
    assert isinstance(drawn, RenderedPage)
    assert drawn.reason is None
    assert isinstance(taken, TextPage)
    assert (taken.read.text, taken.read.source, taken.width, taken.height) == ("", "embedded", 300, 200)
    assert taken.read.reason == "an image has no embedded text"


async def test_who_waits_for_less_than_the_limit_is_told_sooner(
    store: MemoryBlobStore, make_renderer: MakeRenderer
) -> None:
    await store.put("raw.pdf", documents.pdf(2))
    clock = ManualClock()
    renderer = make_renderer(child=BREAKING, clock=clock, limits=CallLimits(draw_s=0.5))
    of = documents.document("raw.pdf")
    hanging = asyncio.create_task(renderer.render([documents.request(of, dpi=broken.HANG_AT_DPI)]))
    await asyncio.sleep(0.1)
    patient, hurried = documents.request(of, 2), replace(documents.request(of, 2), wait_s=20)
    waiting = asyncio.create_task(renderer.render([patient, hurried]))
    await asyncio.sleep(0.1)
    await clock.advance(21)
    await hanging
    assert [type(answer) for answer in await waiting] == [RenderedPage, CallOverdue]
