"""What an output is made of: facts about the document, and its pages in order."""

from __future__ import annotations

from dataclasses import dataclass

from cluster.page_text import Box, PageResult
from cluster.record import ErrorInfo

UNSEEN_DPI = 150
"""Pixels an inch in outputs that count in pixels, for a page that has no page image."""


@dataclass(frozen=True, slots=True)
class OutputDocument:
    """filename: the client's own. total_pages: of the document, asked for or not."""

    job_id: str
    filename: str
    file_type: str
    total_pages: int


@dataclass(frozen=True, slots=True)
class OutputPage:
    """result: as stored; None where the page could not be read, and ``error`` says why."""

    number: int
    result: PageResult | None
    error: ErrorInfo | None = None

    @property
    def gap(self) -> str:
        """What stands in the text in place of a page that could not be read."""
        return f"[page {self.number} could not be read: {self.error.code if self.error else 'unknown'}]"


@dataclass(frozen=True, slots=True)
class PixelSize:
    """A page in pixels of its page image. scale: pixels a point. dpi: pixels an inch."""

    width: int
    height: int
    scale: float

    @property
    def dpi(self) -> int:
        return round(self.scale * 72)

    def box(self, points: Box) -> tuple[int, int, int, int]:
        """The same box in pixels, within the page."""
        x0, y0, x1, y1 = points
        scale, width, height = self.scale, self.width, self.height
        return (
            _within(x0 * scale, width),
            _within(y0 * scale, height),
            _within(x1 * scale, width),
            _within(y1 * scale, height),
        )


def _within(value: float, most: int) -> int:
    return 0 if value < 0 else most if value > most else round(value)


def pixel_size(result: PageResult) -> PixelSize:
    """Of the page image, or of one that might be made of a page without."""
    if result.image_width > 0 and result.width > 0:
        return PixelSize(result.image_width, result.image_height, result.image_width / result.width)
    scale = UNSEEN_DPI / 72
    return PixelSize(round(result.width * scale), round(result.height * scale), scale)
