"""A document as the rendering process sees it, whatever its kind."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from actors.render.embedded_text import Verdict
from actors.render.image_document import ImageDocument
from actors.render.page_size import PageSize
from actors.render.pdf_document import PdfDocument
from actors.render.raster import Raster
from cluster.errors import DocumentDamaged
from cluster.file_type import HEAD_BYTES, detect


class Document(Protocol):
    """Besides what its methods name, they raise whatever the library does that reads the file."""

    total_pages: int

    def render(self, page: int, dpi: int, max_megapixels: float) -> Raster:
        """The page at ``dpi``, scaled down where the limit asks. PageTooLarge, RenderFailed, MemoryError."""

    def size(self, page: int, dpi: int, max_megapixels: float) -> PageSize:
        """Of the page and of the image that ``render`` would draw. RenderFailed, PageTooLarge."""

    def embedded(self, page: int, *, forced: bool) -> Verdict:
        """Whether the page's embedded text is taken in place of OCR, and the text, boxes in points as displayed.

        forced: it is taken as it is, also where there is none. MemoryError.
        """

    def close(self) -> None: ...


def open_document(path: Path, password: str | None) -> Document:
    """By the kind of its content. DocumentDamaged, DocumentEncrypted, PasswordWrong, MemoryError."""
    with path.open("rb") as file:
        kind = detect(file.read(HEAD_BYTES))
    if kind is None:
        raise DocumentDamaged("The document is none of the accepted kinds.")
    return PdfDocument(path, password) if kind == "pdf" else ImageDocument(path, kind)
