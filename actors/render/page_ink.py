"""Where a page shows something that could be text: a small gray picture of it, looked at cell by cell.

A cell counts where it has contrast in both directions, as every letter has: rules, frames and filled areas have it in
one or at their edges alone, so that they weigh little. A cell is about as large as a small letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cluster.page_text import Box

DPI = 48
"""Of the picture, at most. A letter of 10 points is seven pixels tall, enough to tell that it is there."""
MOST_PIXELS = 1_000_000
CELL = 4
"""Pixels a side: 6 points."""
_CONTRAST = 40
"""Of 255. Gray print stays above it, the texture of paper in a scan below."""
_FAINT = 12
"""Contrast by which something is seen at all."""
_BLANK_CELLS = 1
"""So few are no text."""
_AROUND = 1
"""Cells around a box that still belong to it: letters are larger than their boxes say."""


@dataclass(frozen=True, slots=True)
class Ink:
    """pixels: uint8 array (rows, columns), gray, of the whole page. scale: pixels a point."""

    pixels: NDArray[np.uint8]
    scale: float

    @property
    def is_blank(self) -> bool:
        """Whether nothing on the page could be text, however faint."""
        return int(self._detail(_FAINT).sum()) <= _BLANK_CELLS

    def shows(self, box: Box) -> bool:
        """Whether anything is seen in the box (points)."""
        x0, y0, x1, y1 = (round(value * self.scale) for value in box)
        part = self.pixels[max(0, y0 - 1) : max(0, y1 + 1), max(0, x0 - 1) : max(0, x1 + 1)]
        return part.size > 0 and int(part.max()) - int(part.min()) >= _FAINT

    def share_beside(self, boxes: Iterable[Box]) -> float:
        """Of all cells that could be text, those outside the boxes (points), 0 to 1."""
        detail = self._detail(_CONTRAST)
        total = int(detail.sum())
        if total <= _BLANK_CELLS:
            return 0.0
        side = CELL / self.scale
        for x0, y0, x1, y1 in boxes:
            top, bottom = max(0, int(y0 / side) - _AROUND), max(0, int(y1 / side) + 1 + _AROUND)
            left, right = max(0, int(x0 / side) - _AROUND), max(0, int(x1 / side) + 1 + _AROUND)
            detail[top:bottom, left:right] = False
        return int(detail.sum()) / total

    def _detail(self, contrast: int) -> NDArray[np.bool_]:
        """Array (rows, columns) of cells; those at the right and lower edge may be cut off."""
        rows, columns = (size // CELL * CELL for size in self.pixels.shape)
        pixels = self.pixels[:rows, :columns]
        across = _most(_most(pixels.T).T - _least(pixels.T).T)
        down = _most((_most(pixels) - _least(pixels)).T).T
        both: NDArray[np.bool_] = (across >= contrast) & (down >= contrast)
        return both


def _most(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of every CELL rows, the greatest in each column. By whole rows, which is ten times as fast as by blocks."""
    greatest = pixels[::CELL]
    for offset in range(1, CELL):
        greatest = np.maximum(greatest, pixels[offset::CELL])
    return greatest


def _least(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    least = pixels[::CELL]
    for offset in range(1, CELL):
        least = np.minimum(least, pixels[offset::CELL])
    return least
