"""PDF documents through MuPDF, to be rendered. It runs in the rendering process alone.

MuPDF keeps decoded images and fonts of all open documents in one store of up to 256 MB, which PyMuPDF 2.0 gives no
way to make smaller; ``empty_store`` is called between pages when memory has grown.

Text comes from PyMuPDF in the coordinates of the page before its /Rotate; ``rotation_matrix`` turns it to what is
displayed, as the page image is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf

from actors.render.raster import Raster, fit
from cluster.errors import DocumentDamaged, DocumentEncrypted, PageTooLarge, PasswordWrong, RenderFailed
from cluster.page_text import Box, Line, PageText

# Without images (a scan would be encoded anew for nothing) and without numbers of glyphs in place of unknown letters.
_TEXT_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP


def silence() -> None:
    """MuPDF reports every flaw of a file on stderr; strangers' files are full of them."""
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)


def empty_store() -> None:
    pymupdf.TOOLS.store_shrink(100)


class PdfDocument:
    """Raises DocumentDamaged, DocumentEncrypted, PasswordWrong, and whatever PyMuPDF does. MuPDF mends what it can."""

    def __init__(self, path: Path, password: str | None) -> None:
        with _limits_told():
            self._document = pymupdf.open(path, filetype="pdf")
            self._unlock(password)
            self.total_pages = int(self._document.page_count)
        if self.total_pages < 1:
            raise DocumentDamaged("The document has no pages.")

    def _unlock(self, password: str | None) -> None:
        if not self._document.needs_pass:
            return
        if password is None:
            raise DocumentEncrypted
        if not self._document.authenticate(password):
            raise PasswordWrong

    def render(self, page: int, dpi: int, max_megapixels: float) -> Raster:
        with _limits_told():
            return _rasterise(self._document[page - 1], dpi, max_megapixels)

    def text(self, page: int) -> PageText | None:
        with _limits_told():
            return _text(self._document[page - 1])

    def close(self) -> None:
        self._document.close()


@contextmanager
def _limits_told() -> Iterator[None]:
    try:
        yield
    except pymupdf.mupdf.FzErrorSystem as error:  # what MuPDF throws when an allocation fails
        raise MemoryError from error
    except pymupdf.mupdf.FzErrorLimit as error:
        raise PageTooLarge from error


def _rasterise(page: Any, dpi: int, max_megapixels: float) -> Raster:
    width, height = float(page.rect.width), float(page.rect.height)
    if not (0 < width < 1e7 and 0 < height < 1e7):
        raise RenderFailed(f"The page's size is {width:g} × {height:g} points.")
    scale = dpi / 72
    scale *= fit(width * scale, height * scale, max_megapixels)
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
    rows = np.frombuffer(pixmap.samples_mv, np.uint8).reshape(pixmap.height, pixmap.stride)
    pixels = rows[:, : pixmap.width * 3].reshape(pixmap.height, pixmap.width, 3)
    return Raster(pixels, width, height, scale * 72, owner=pixmap)


def _text(page: Any) -> PageText | None:
    turn = page.rotation_matrix
    paragraphs: list[str] = []
    lines: list[Line] = []
    for block in page.get_text("dict", flags=_TEXT_FLAGS)["blocks"]:
        of_block = [line for line in (_line(fields, turn) for fields in block.get("lines", ())) if line.text]
        if of_block:
            paragraphs.append("\n".join(line.text for line in of_block))
            lines.extend(of_block)
    if not lines:
        return None
    return PageText(
        text="\n\n".join(paragraphs),
        lines=tuple(lines),
        engine="pymupdf",
        engine_version=pymupdf.VersionBind,
        source="embedded",
    )


def _line(fields: dict[str, Any], turn: Any) -> Line:
    # Files may name half surrogate pairs, which no UTF-8 can carry.
    text = "".join(span["text"] for span in fields["spans"]).encode("utf-8", "replace").decode("utf-8").strip()
    box = pymupdf.Rect(fields["bbox"]) * turn
    bbox: Box = (round(box.x0, 2), round(box.y0, 2), round(box.x1, 2), round(box.y1, 2))
    return Line(text, bbox, 1.0)
