"""A page that is drawn: text that flows through boxes, single lines, rules, tables. Places are in points.

Text in Latin letters is set by MuPDF's own layout of HTML, in fonts that PyMuPDF carries inside.
"""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pymupdf
from PIL import Image

from benchmarks.judged_text import judged

Rect = tuple[float, float, float, float]

INK = (0.05, 0.05, 0.07)


@dataclass(frozen=True, slots=True)
class Style:
    """family: of CSS. leading: of the line height to the size. align, hyphens: as in CSS."""

    family: str = "serif"
    size: float = 10.5
    leading: float = 1.25
    align: str = "justify"
    gap: float = 5.0
    indent: float = 0.0

    def css(self) -> str:
        return (
            f"* {{ font-family: {self.family}; font-size: {self.size}pt; line-height: {self.leading}; }} "
            f"p {{ margin: 0 0 {self.gap}pt 0; text-align: {self.align}; text-indent: {self.indent}pt; }} "
            f"h1 {{ font-size: {2.1 * self.size}pt; margin: 0 0 8pt 0; text-align: left; }} "
            f"h2 {{ font-size: {1.35 * self.size}pt; margin: 4pt 0 4pt 0; text-align: left; }} "
            "li { margin: 0 0 3pt 0; } ul, ol { margin: 0 0 6pt 0; }"
        )


@dataclass
class Paper:
    """width, height: points. What is drawn over the flows stays above them."""

    width: float = 595.0
    height: float = 842.0
    _flows: list[tuple[str, Style, tuple[Rect, ...]]] = field(default_factory=list)
    _lines: list[tuple[float, float, str, str, float]] = field(default_factory=list)
    _rules: list[tuple[float, float, float, float, float]] = field(default_factory=list)
    _boxes: list[tuple[Rect, float | None]] = field(default_factory=list)

    def flow(self, markup: str, rects: Sequence[Rect], style: Style) -> None:
        """HTML that goes on from box to box. RuntimeError, once it is drawn, where it does not fit into them."""
        self._flows.append((markup, style, tuple(rects)))

    def fill(self, sentences: Sequence[str], rects: Sequence[Rect], style: Style, each: int = 4) -> list[str]:
        """Paragraphs of ``each`` sentences; as many sentences as the boxes hold, which are returned."""
        fits, too_many = 0, len(sentences) + 1
        while too_many - fits > 1:
            tried = (fits + too_many) // 2
            if _holds(rects, sentences[:tried], each, style):
                fits = tried
            else:
                too_many = tried
        self.flow(paragraphs(sentences[:fits], each), rects, style)
        return list(sentences[:fits])

    def line(self, x: float, baseline: float, text: str, size: float = 9.0, font: str = "tiro") -> None:
        """font: a built-in name of PyMuPDF."""
        self._lines.append((x, baseline, text, font, size))

    def centred(self, x: float, baseline: float, text: str, size: float = 9.0, font: str = "tiro") -> None:
        self.line(x - pymupdf.get_text_length(text, fontname=font, fontsize=size) / 2, baseline, text, size, font)

    def rule(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.7) -> None:
        self._rules.append((x0, y0, x1, y1, width))

    def box(self, rect: Rect, fill: float | None = None) -> None:
        self._boxes.append((rect, fill))

    def document(self) -> pymupdf.Document:
        document = pymupdf.open("pdf", self._flown())
        page = document[0]
        for rect, fill in self._boxes:
            grey = None if fill is None else (fill, fill, fill)
            page.draw_rect(rect, color=INK if fill is None else grey, fill=grey, width=0.7, overlay=False)
        for x0, y0, x1, y1, width in self._rules:
            page.draw_line((x0, y0), (x1, y1), color=INK, width=width)
        for x, baseline, text, font, size in self._lines:
            page.insert_text((x, baseline), text, fontname=font, fontsize=size, color=INK)
        return document

    def _flown(self) -> bytes:
        stored = io.BytesIO()
        writer = pymupdf.DocumentWriter(stored)
        device = writer.begin_page(pymupdf.Rect(0, 0, self.width, self.height))
        for markup, style, rects in self._flows:
            _pour(device, markup, rects, style)
        writer.end_page()
        writer.close()
        return stored.getvalue()


def _pour(device: Any, markup: str, rects: Sequence[Rect], style: Style) -> None:
    """RuntimeError: the boxes don't hold it, as far as MuPDF knows; it may leave the end out and say nothing."""
    story, more = pymupdf.Story(markup, user_css=style.css()), 1
    for rect in rects:
        if more:
            more, _ = story.place(pymupdf.Rect(rect))
            story.draw(device)
    if more:
        raise RuntimeError(f"The text does not fit into its {len(rects)} boxes: {markup[:60]}")


def _holds(rects: Sequence[Rect], sentences: Sequence[str], each: int, style: Style) -> bool:
    """Whether the last sentence is there, once all are drawn."""
    paper = Paper(max(rect[2] for rect in rects), max(rect[3] for rect in rects))
    paper.flow(paragraphs(sentences, each), rects, style)
    try:
        with paper.document() as drawn:
            return judged(sentences[-1]) in judged(drawn[0].get_text())
    except RuntimeError:
        return False


def raster(document: pymupdf.Document, dpi: int) -> Image.Image:
    """Its first page in grey."""
    pixels = document[0].get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY, alpha=False)
    return Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)


def paragraphs(sentences: Sequence[str], each: int = 4) -> str:
    """As HTML, ``each`` sentences to a paragraph."""
    starts = range(0, len(sentences), each)
    return "".join(f"<p>{html.escape(' '.join(sentences[at : at + each]))}</p>" for at in starts)


def columns(rect: Rect, count: int, gutter: float) -> list[Rect]:
    """The boxes side by side that share ``rect``."""
    x0, y0, x1, y1 = rect
    width = (x1 - x0 - gutter * (count - 1)) / count
    return [(x0 + n * (width + gutter), y0, x0 + n * (width + gutter) + width, y1) for n in range(count)]


def prose_lines(sentences: Sequence[str], width: float, size: float) -> list[str]:
    """The sentences broken into lines of this width, for ``Paper.line``."""
    lines = [""]
    for word in " ".join(sentences).split():
        longer = f"{lines[-1]} {word}".strip()
        if pymupdf.get_text_length(longer, fontname="tiro", fontsize=size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
