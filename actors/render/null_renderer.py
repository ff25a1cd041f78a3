"""A Renderer that renders nothing, for measuring coordination alone: never a fallback."""

from __future__ import annotations

import re

from actors.content.arranging import in_plain_order
from actors.render.assembly import assemble
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
from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobNotFound, DocumentError, GnosisError, SourceNotFound, TooManyPages
from cluster.page_text import PageText

_HEAD = 1024
_PAGES = re.compile(rb"pages\s*[:=]?\s*(\d{1,7})")


class NullRenderer:
    """The number of pages is the one behind the word ``pages`` near the beginning of the document, which need not be a
    document at all (``%PDF-1.7 pages 500``), or else ``total_pages``. No image is written, pages have no pixels and no
    text (so they are for OCR unless their job's ``mode`` is ``text``), and are of a letter's size.
    """

    def __init__(self, store: BlobStore, *, total_pages: int = 1, assemble_pages_at_once: int = 8) -> None:
        self._store = store
        self._total_pages = total_pages
        self._assemble_pages_at_once = assemble_pages_at_once

    async def start(self) -> None:
        """Nothing to start."""

    async def open(self, document: DocumentRef) -> OpenedDocument | DocumentError:
        try:
            head = await self._store.read_range(document.raw, 0, _HEAD)
        except BlobNotFound:
            return SourceNotFound("The uploaded document is not in the blob store.")
        named = _PAGES.search(head)
        total_pages = int(named[1]) if named else self._total_pages
        if total_pages > document.max_pages:
            return TooManyPages(f"The document has {total_pages} pages; allowed are {document.max_pages}.")
        return OpenedDocument(total_pages)

    async def render(self, requests: list[RenderRequest]) -> list[RenderAnswer]:
        return [_text_page(request) if request.mode == "text" else _rendered(request) for request in requests]

    async def arrange(self, requests: list[ArrangeRequest]) -> list[ArrangeAnswer]:
        why = "there is no layout model"
        return [in_plain_order(request.read, request.width, request.height, why) for request in requests]

    async def assemble(self, request: AssembleRequest) -> dict[str, GnosisError]:
        return await assemble(self._store, request, pages_at_once=self._assemble_pages_at_once)

    async def check_health(self) -> None:
        """Always well."""

    async def close(self) -> None:
        """Nothing to end."""


def _text_page(request: RenderRequest) -> TextPage:
    return TextPage(request.page, 612, 792, 85, 110, PageText("", source="embedded"))


def _rendered(request: RenderRequest) -> RenderedPage:
    return RenderedPage(
        page=request.page,
        image=layout.page_image_file(request.page),
        width=85,
        height=110,
        page_width=612,
        page_height=792,
        dpi=10,
    )
