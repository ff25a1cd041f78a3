"""Where a line of text lies on the page, whichever way it runs: a parallelogram, seen from the line itself.

``along`` runs with the reading from the line's own top left to its own top right, ``down`` from there to its own
bottom left; both in the page's coordinates, whose y grows downwards.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

from cluster.page_text import Box, Line, Quad

BASELINE = 0.8
"""The share of a line's height that lies above its baseline: an estimate, since lines come without one."""

_LEAST_STACKED = 2
_STACKED_RATIO = 0.7
_FULL_SQUARE = ("W", "F")

Vector = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LineShape:
    """x, y: the line's own top left."""

    x: float
    y: float
    along: Vector
    down: Vector

    @property
    def length(self) -> float:
        return math.hypot(*self.along)

    @property
    def height(self) -> float:
        return math.hypot(*self.down)

    @property
    def degrees(self) -> float:
        """How far the line is turned clockwise from one that runs to the right; above -180, up to 180."""
        return math.degrees(math.atan2(self.along[1], self.along[0]))

    def point(self, across: float, down: float) -> Vector:
        """In shares of the line's length and height."""
        x = self.x + across * self.along[0] + down * self.down[0]
        return x, self.y + across * self.along[1] + down * self.down[1]

    def box(self, start: float = 0.0, end: float = 1.0) -> Box:
        """Around the piece from ``start`` to ``end``, in shares of the line's length."""
        if self.along[1] == 0 == self.down[0] and self.along[0] > 0 < self.down[1]:  # a level line, as nearly all are
            length = self.along[0]
            return self.x + start * length, self.y, self.x + end * length, self.y + self.down[1]
        corners = [self.point(across, down) for across in (start, end) for down in (0.0, 1.0)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return min(xs), min(ys), max(xs), max(ys)


def shape_of(line: Line, rotation: int) -> LineShape:
    """rotation: the page's, which tells how a line without a quad runs."""
    x0, y0, x1, y1, x2, y2, x3, y3 = line.quad or _quad(line.bbox, rotation)
    along = (x1 - x0 + x2 - x3) / 2, (y1 - y0 + y2 - y3) / 2
    down = (x3 - x0 + x2 - x1) / 2, (y3 - y0 + y2 - y1) / 2
    x = (x0 + x1 + x2 + x3) / 4 - (along[0] + down[0]) / 2
    y = (y0 + y1 + y2 + y3) / 4 - (along[1] + down[1]) / 2
    shape = LineShape(x, y, along, down)
    return _from_top_to_bottom(shape) if _is_stacked(shape, line.text) else shape


def _quad(box: Box, rotation: int) -> Quad:
    """The corners from the text's own top left on, for a page that ``rotation`` degrees clockwise make upright."""
    left, top, right, bottom = box
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    first = {0: 0, 90: 3, 180: 2, 270: 1}.get(rotation % 360, 0)
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = (*corners[first:], *corners[:first])
    return x0, y0, x1, y1, x2, y2, x3, y3


def _is_stacked(shape: LineShape, text: str) -> bool:
    """Upright characters of an East Asian script below one another: about as tall as their number times their width."""
    letters = "".join(text.split())
    squares = sum(unicodedata.east_asian_width(letter) in _FULL_SQUARE for letter in letters)
    if len(letters) < _LEAST_STACKED or 2 * squares < len(letters):
        return False
    return shape.height > _STACKED_RATIO * len(letters) * shape.length


def _from_top_to_bottom(shape: LineShape) -> LineShape:
    x, y = shape.point(1, 0)
    return LineShape(x, y, shape.down, (-shape.along[0], -shape.along[1]))
