"""A page that is drawn as vectors and, in the same strokes, noted down as text.

Only fonts that PyMuPDF carries inside are used, so a page comes out the same on a machine without any fonts.
"""

from __future__ import annotations

import pymupdf
from PIL import Image

DPI = 200
WIDTH, HEIGHT = 612.0, 792.0  # points: US letter
PLAIN, BOLD, SERIF, SERIF_BOLD, SERIF_ITALIC, TYPED = "helv", "hebo", "tiro", "tibo", "tiit", "cour"
INK = (0.05, 0.05, 0.08)
PALE = (0.45, 0.45, 0.48)


class Sheet:
    """A page that is being drawn, and the text that stands on it in reading order. Places are in points."""

    def __init__(self) -> None:
        self._document = pymupdf.open()
        self.page = self._document.new_page(width=WIDTH, height=HEIGHT)
        self._lines: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def note(self, line: str = "") -> None:
        """Adds a line to the true text: with none, a paragraph ends."""
        self._lines.append(line)

    def draw(self, x: float, baseline: float, text: str, size: float, font: str = PLAIN) -> None:
        """Draws without noting."""
        self.page.insert_text((x, baseline), text, fontname=font, fontsize=size, color=INK)

    def line(self, x: float, baseline: float, text: str, size: float = 10.5, font: str = PLAIN) -> None:
        """Draws a line of text and notes it."""
        self.draw(x, baseline, text, size, font)
        self.note(text)

    def paragraph(self, x: float, baseline: float, width: float, text: str, size: float, font: str) -> float:
        """Sets a justified paragraph and notes it, a line for a line; returns the baseline after it."""
        lines = list(wrap(text, width, size, font))
        for number, words in enumerate(lines, start=1):
            natural = pymupdf.get_text_length(" ".join(words), fontname=font, fontsize=size)
            stretch = (width - natural) / max(1, len(words) - 1) if number < len(lines) else 0.0
            place = x
            for word in words:
                self.draw(place, baseline, word, size, font)
                place += pymupdf.get_text_length(word + " ", fontname=font, fontsize=size) + stretch
            self.note(" ".join(words))
            baseline += size * 1.34
        self.note()
        return baseline

    def rule(self, x0: float, y: float, x1: float, width: float = 0.8) -> None:
        self.page.draw_line((x0, y), (x1, y), color=INK, width=width)

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: float | None = None) -> None:
        grey = None if fill is None else (fill, fill, fill)
        self.page.draw_rect((x0, y0, x1, y1), color=PALE, fill=grey, width=0.8)

    def raster(self) -> Image.Image:
        """The page in grey at DPI."""
        pixels = self.page.get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY, alpha=False)
        return Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)


def wrap(text: str, width: float, size: float, font: str) -> list[list[str]]:
    """Words by lines that are at most ``width`` points wide."""
    lines: list[list[str]] = [[]]
    for word in text.split():
        longer = " ".join([*lines[-1], word])
        if lines[-1] and pymupdf.get_text_length(longer, fontname=font, fontsize=size) > width:
            lines.append([])
        lines[-1].append(word)
    return lines
