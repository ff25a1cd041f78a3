"""A document as the rendering process sees it, whatever its kind."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from actors.render.image_document import ImageDocument
from actors.render.pdf_document import PdfDocument
from actors.render.raster import Raster
from cluster.errors import DocumentDamaged
from cluster.file_type import HEAD_BYTES, detect
from cluster.page_text import PageText


class Document(Protocol):
    """Besides what its methods name, they raise whatever the library does that reads the file."""

    total_pages: int

    def render(self, page: int, dpi: int, max_megapixels: float) -> Raster:
        """The page at ``dpi``, scaled down where the limit asks. PageTooLarge, RenderFailed, MemoryError."""

    def text(self, page: int) -> PageText | None:
        """The embedded text, boxes in points as displayed; None where the page has none. MemoryError."""

    def close(self) -> None: ...


def open_document(path: Path, password: str | None) -> Document:
    """By the kind of its content. DocumentDamaged, DocumentEncrypted, PasswordWrong, MemoryError."""
    with path.open("rb") as file:
        kind = detect(file.read(HEAD_BYTES))
    if kind is None:
        raise DocumentDamaged("The document is none of the accepted kinds.")
    return PdfDocument(path, password) if kind == "pdf" else ImageDocument(path, kind)
