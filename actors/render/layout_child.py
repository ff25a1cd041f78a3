"""What runs in a layout process: it takes one page at a time from its pipe until the pipe ends.

The layout model meets strangers' pages, takes all the time it wants, and does so in C code, so the process is made to
be lost, as the rendering process is (child_start.py). What a page says is put together here as well: it is pure Python
that would hold up the Renderer's event loop.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection

from actors.content.arranging import in_plain_order, in_regions, with_parted_lines
from actors.content.upright import upright_of
from actors.ocr.engine import Pixels
from actors.ocr.page_image import decode_page_image
from actors.render.child_start import be_ready
from actors.render.freed_memory import FreedMemory
from actors.render.layout_model import NAME, LayoutModel, load
from actors.render.order import ArrangeOrder, EmbeddedOrder, LayoutOrder, OutOfMemory
from actors.render.pdf_document import document_page, silence
from actors.render.pixel_passing import receive_pixels
from cluster.errors import LayoutFailed
from cluster.page_text import PageText

MOST_LINES = 2000
"""The model's time grows faster than a page's lines: 800 take about a second, 1,500 three to four."""


def serve(connection: Connection, memory_mb: int) -> None:
    """memory_mb: how much it may allocate above what it takes with the model loaded."""
    silence()
    model = load()
    be_ready(connection, memory_mb)
    freed = FreedMemory()
    with suppress(EOFError, ConnectionError):  # the parent is gone or has no more use for us
        while True:
            order: LayoutOrder = connection.recv()
            drawn = isinstance(order, ArrangeOrder) and order.png is None
            pixels = receive_pixels(connection, int(order.height), int(order.width)) if drawn else None
            connection.send(answer_to(order, pixels, model))
            pixels = None
            freed.page_done()


def answer_to(order: LayoutOrder, pixels: Pixels | None, model: LayoutModel) -> PageText | OutOfMemory | LayoutFailed:
    """pixels: of the page image, uint8 array (height, width, 3); None where the order has its PNG, or a PDF's page."""
    began = time.perf_counter()
    try:
        if len(order.read.lines) > MOST_LINES:  # seconds even without the model, which are not to be the Renderer's
            why = f"the page has more than {MOST_LINES} lines"
            return in_plain_order(order.read, order.width, order.height, why)
        upright = upright_of(order.read, order.width, order.height)
        read = order.read
        if isinstance(order, EmbeddedOrder):
            with document_page(order.path, order.page, order.password) as page:
                regions = model.regions_of_pdf_page(page)
        else:
            if pixels is None:
                assert order.png is not None
                pixels = decode_page_image(order.png)
            read = with_parted_lines(read, upright)
            regions = model.regions(upright.lines(read.lines), pixels, upright)
        arranged = in_regions(read, regions, upright)
    except MemoryError:
        return OutOfMemory()
    except Exception as error:  # the model raises anything
        if type(error).__module__.startswith("onnxruntime"):
            return OutOfMemory()  # networks don't tell why they fail: mostly that is it, and a fresh process goes on
        return LayoutFailed(f"the layout model failed ({type(error).__name__})")
    return replace(arranged, layout=NAME, layout_ms=round((time.perf_counter() - began) * 1000))
