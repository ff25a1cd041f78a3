"""PDF documents through MuPDF, to be rendered. It runs in the rendering process alone.

MuPDF keeps decoded images and fonts of all open documents in one store of up to 256 MB, which PyMuPDF 2.0 gives no
way to make smaller; ``empty_store`` is called between pages when memory has grown.

What of a page's text is taken is judged by embedded_text.py; pdf_text.py gathers what that is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf

from actors.render.embedded_text import Verdict, as_it_is, fault_of_characters, is_scan, judge
from actors.render.page_size import PageSize
from actors.render.pdf_text import embedded_page, page_ink
from actors.render.raster import Raster, fit
from cluster.errors import DocumentDamaged, DocumentEncrypted, PageTooLarge, PasswordWrong, RenderFailed


def silence() -> None:
    """MuPDF reports every flaw of a file on stderr; strangers' files are full of them."""
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)


def empty_store() -> None:
    pymupdf.TOOLS.store_shrink(100)


@contextmanager
def document_page(path: str, page: int, password: str | None) -> Iterator[Any]:
    """A page, as pymupdf.Page; whatever PyMuPDF raises. Opening takes a millisecond or two, and holds no file."""
    with pymupdf.open(path, filetype="pdf") as document:
        if document.needs_pass:
            document.authenticate(password)
        yield document[page - 1]


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

    def size(self, page: int, dpi: int, max_megapixels: float) -> PageSize:
        with _limits_told():
            drawn = self._document[page - 1]
            scale = _scale(drawn, dpi, max_megapixels)
            box = (drawn.rect * pymupdf.Matrix(scale, scale)).irect
            return PageSize(float(drawn.rect.width), float(drawn.rect.height), box.width, box.height)

    def embedded(self, page: int, *, forced: bool) -> Verdict:
        with _limits_told():
            verdict = _judged(self._document[page - 1], forced=forced)
        if verdict.read is None:
            return verdict
        read = replace(verdict.read, engine="pymupdf", engine_version=pymupdf.VersionBind, source="embedded")
        return replace(verdict, read=read)

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


def _scale(page: Any, dpi: int, max_megapixels: float) -> float:
    """Pixels a point."""
    width, height = float(page.rect.width), float(page.rect.height)
    if not (0 < width < 1e7 and 0 < height < 1e7):
        raise RenderFailed(f"The page's size is {width:g} × {height:g} points.")
    scale = dpi / 72
    return scale * fit(width * scale, height * scale, max_megapixels)


def _rasterise(page: Any, dpi: int, max_megapixels: float) -> Raster:
    width, height = float(page.rect.width), float(page.rect.height)
    scale = _scale(page, dpi, max_megapixels)
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
    rows = np.frombuffer(pixmap.samples_mv, np.uint8).reshape(pixmap.height, pixmap.stride)
    pixels = rows[:, : pixmap.width * 3].reshape(pixmap.height, pixmap.width, 3)
    return Raster(pixels, width, height, scale * 72, owner=pixmap)


def _judged(page: Any, *, forced: bool) -> Verdict:
    carried = embedded_page(page)
    if forced:
        return Verdict(as_it_is(carried))
    if is_scan(carried):
        return Verdict(None)
    fault = fault_of_characters(carried)
    return Verdict(None, fault) if fault else judge(carried, page_ink(page))
