"""What runs in the rendering process: it takes one order at a time from its pipe until the pipe ends.

Strangers' files meet C code here, so the process is made to be lost (child_start.py): an allocation that fails is an
answer, OutOfMemory, and all that it holds can be made again from the file on disk.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from actors.render import image_document, pdf_document
from actors.render.child_start import be_ready, resident_bytes
from actors.render.document import Document, open_document
from actors.render.embedded_text import Verdict
from actors.render.freed_memory import FreedMemory
from actors.render.order import (
    Answer,
    CloseOrder,
    LayerOrder,
    OpenOrder,
    Order,
    OutOfMemory,
    PageDrawn,
    RenderOrder,
    TextTaken,
)
from actors.render.pixel_passing import send_pixels, store_pixels
from actors.render.raster import encode_png
from actors.render.searchable_copy import add_layers
from cluster.errors import DocumentDamaged, DocumentError, PageError, RenderFailed

logger = logging.getLogger(__name__)

_OPEN_DOCUMENTS = 4
_KEPT_BYTES = 384 << 20
"""Resident memory above which MuPDF's store is emptied between pages. A fresh process has about 85 MB."""


def serve(connection: Connection, memory_mb: int) -> None:
    """memory_mb: how much it may allocate above what it takes to start."""
    pdf_document.silence()
    image_document.lift_pixel_limit()
    be_ready(connection, memory_mb)
    documents = OpenDocuments()
    freed = FreedMemory()
    with suppress(EOFError, ConnectionError):  # the parent is gone or has no more use for us
        while True:
            carry_out(connection.recv(), documents, connection)
            if resident_bytes() > _KEPT_BYTES:
                pdf_document.empty_store()
            freed.page_done()


def carry_out(order: Order, documents: OpenDocuments, connection: Connection) -> None:
    """Performs one order and sends its answer. Nothing is sent before everything is ready, so an answer is whole."""
    drawn: _Drawn | None = None
    answer: Answer
    try:
        match order:
            case OpenOrder():
                answer = documents.reopened(order.path, order.password).total_pages
            case CloseOrder():
                answer = documents.close(order.path)
            case RenderOrder():
                outcome = _page(order, documents)
                drawn = outcome if isinstance(outcome, _Drawn) else None
                answer = outcome.page if isinstance(outcome, _Drawn) else outcome
            case LayerOrder():
                answer = add_layers(order, documents.get)
    except MemoryError:
        answer = OutOfMemory()
    except (DocumentError, PageError) as error:
        answer = error
    except Exception as error:  # libraries that read strangers' files raise anything
        answer = _fault(order, error)
    connection.send(answer)
    if drawn is not None:
        send_pixels(connection, drawn.pixels)
        connection.send_bytes(drawn.png)


class OpenDocuments:
    """The last few documents, kept open since their pages mostly come one after another."""

    def __init__(self) -> None:
        self._documents: OrderedDict[tuple[str, str | None], Document] = OrderedDict()

    def reopened(self, path: str, password: str | None) -> Document:
        standing = self._documents.pop((path, password), None)
        if standing is not None:
            standing.close()
        document = open_document(Path(path), password)
        self._documents[path, password] = document
        if len(self._documents) > _OPEN_DOCUMENTS:
            self._documents.popitem(last=False)[1].close()
        return document

    def close(self, path: str) -> int:
        """Closes the document under whatever password it was opened; how many there were."""
        open_ones = [key for key in self._documents if key[0] == path]
        for key in open_ones:
            self._documents.pop(key).close()
        return len(open_ones)

    def get(self, path: str, password: str | None) -> Document:
        document = self._documents.get((path, password))
        if document is None:
            return self.reopened(path, password)
        self._documents.move_to_end((path, password))
        return document


@dataclass(frozen=True, slots=True)
class _Drawn:
    """pixels: descriptor of the memory file that holds them."""

    page: PageDrawn
    pixels: int
    png: bytes


def _page(order: RenderOrder, documents: OpenDocuments) -> _Drawn | TextTaken:
    try:
        document = documents.get(order.path, order.password)
    except DocumentError as error:
        raise RenderFailed(error.detail) from error
    if not 1 <= order.page <= document.total_pages:
        raise RenderFailed(f"The document has {document.total_pages} pages.")
    verdict = _verdict(order, document)
    if verdict.read is not None and not order.always_draw:
        return TextTaken(document.size(order.page, order.dpi, order.max_megapixels), verdict.read)
    raster = document.render(order.page, order.dpi, order.max_megapixels)
    height, width, _ = raster.pixels.shape
    sizes = (width, height, raster.page_width, raster.page_height, raster.dpi)
    page = PageDrawn(*sizes, verdict.read, verdict.reason)
    png = encode_png(raster)
    return _Drawn(page, store_pixels(raster.pixels), png)


def _verdict(order: RenderOrder, document: Document) -> Verdict:
    """A page whose text can't be looked at is for OCR, where that is allowed."""
    if order.mode == "ocr":
        return Verdict(None)
    try:
        return document.embedded(order.page, forced=order.mode == "text")
    except (MemoryError, PageError):
        raise
    except Exception as error:
        if order.mode == "text":
            raise
        logger.debug("The embedded text of page %d can't be read.", order.page, exc_info=True)
        return Verdict(None, f"embedded text rejected: it can't be read ({type(error).__name__})")


def _fault(order: Order, error: Exception) -> DocumentError | PageError:
    """Without the library's own words, which name our paths."""
    name = type(error).__name__
    if isinstance(order, OpenOrder):
        return DocumentDamaged(f"The document is damaged and can't be opened ({name}).")
    if isinstance(order, LayerOrder):
        return RenderFailed(f"The text layer could not be added ({name}).")
    return RenderFailed(f"The page could not be rendered ({name}).")
