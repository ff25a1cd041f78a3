"""PyMuPDF's layout model: which areas of a page are what.

It runs in the layout process alone (layout_child.py): it takes 60 MB, and time on every page. Its classes become kinds
of block; its own order of them is not asked for (actors/content/columns.py has one that looks at the page's lines).
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import onnxruntime
import pymupdf

from actors.content.region import Grid, Region
from actors.content.upright import Upright
from actors.ocr.engine import Pixels
from actors.render.layout_page import page_of, picture_of, scale_of
from actors.render.picture_network import session_maker
from cluster.page_text import BlockKind, Box, Line

NAME = f"pymupdf-layout-{version('pymupdf')}"

KINDS = {
    "text": BlockKind.PARAGRAPH,
    "title": BlockKind.TITLE,
    "section-header": BlockKind.HEADING,
    "list-item": BlockKind.LIST_ITEM,
    "table": BlockKind.TABLE,
    "picture": BlockKind.FIGURE,
    "caption": BlockKind.CAPTION,
    "formula": BlockKind.FORMULA,
    "footnote": BlockKind.FOOTNOTE,
    "page-header": BlockKind.PAGE_HEADER,
    "page-footer": BlockKind.PAGE_FOOTER,
}
"""The model's classes."""

Predict = Callable[..., list[dict[str, Any]]]


class LayoutModel:
    """predict: of a pymupdf.Page, its areas as dictionaries."""

    def __init__(self, predict: Predict) -> None:
        self._predict = predict

    def regions(self, lines: Sequence[Line], pixels: Pixels, upright: Upright) -> tuple[Region, ...]:
        """Regions of a page of which there is a page image. lines, regions: in its pixels, turned upright."""
        width, height = upright.size
        scale = scale_of(lines, width, height)
        page = page_of(lines, width, height, scale)
        try:
            picture = picture_of(pixels, upright, scale)
            page.get_pixmap = lambda **_: picture
            return self._found(page, 1 / scale)
        finally:
            page.parent.close()

    def regions_of_pdf_page(self, page: Any) -> tuple[Region, ...]:
        """Regions of a page of a PDF (pymupdf.Page), in points, as it is displayed."""
        if not page.rotation:
            return self._found(page, 1.0)
        # Of a page with /Rotate, PyMuPDF gives the text's boxes as before it, and the picture as after it.
        with pymupdf.open() as turned:
            turned.insert_pdf(page.parent, from_page=page.number, to_page=page.number)
            turned[0].remove_rotation()
            return self._found(turned[0], 1.0)

    def _found(self, page: Any, scale: float) -> tuple[Region, ...]:
        groups = self._predict(page, return_raw=True, do_sort=False)
        return tuple(_region(group, scale) for group in groups)


def load(threads: int = 1) -> LayoutModel:
    """threads: of each of the model's networks, which by themselves take all cores. Takes about a second."""
    if sys.modules.get("pymupdf.layout", ...) is None:
        del sys.modules["pymupdf.layout"]  # it is kept out where a child process starts (process.py)
    if pymupdf._get_layout is None:
        pymupdf._get_layout = _not_asked  # else importing the package would load a model that nobody asks

    def few_threads() -> Any:
        options = session_options()
        options.intra_op_num_threads = threads
        return options

    session_options, session = onnxruntime.SessionOptions, onnxruntime.InferenceSession
    onnxruntime.SessionOptions, onnxruntime.InferenceSession = few_threads, session_maker(session, threads)
    try:
        return LayoutModel(importlib.import_module("pymupdf.layout.DocumentLayoutAnalyzer").get_model().predict)
    finally:
        onnxruntime.SessionOptions, onnxruntime.InferenceSession = session_options, session


def _not_asked(*_: object, **__: object) -> None:
    raise AssertionError("The layout model is asked through LayoutModel.")


def _region(group: dict[str, Any], scale: float) -> Region:
    x0, y0, x1, y1 = (float(value) for value in group["group_bbox"][:4])
    bbox: Box = (x0 * scale, y0 * scale, x1 * scale, y1 * scale)
    return Region(KINDS[group["class_name"]], bbox, _grid(group, (x0, y0, x1, y1), scale))


def _grid(group: dict[str, Any], box: Box, scale: float) -> Grid | None:
    """The model gives the lines between rows and between columns, from the table's own corner."""
    found = group.get("table_grid")
    if found is None:
        return None
    x0, y0, x1, y1 = box
    rows = [y0, *(y0 + float(y) for y in found.h_lines), y1]
    columns = [x0, *(x0 + float(x) for x in found.v_lines), x1]
    return tuple(y * scale for y in sorted(rows)), tuple(x * scale for x in sorted(columns))
