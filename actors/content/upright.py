"""A page that lies on its side, upside down or askew: its lines laid upright, and what was made of them laid back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import cos, radians, sin

from actors.content.direction import around
from cluster.page_text import Block, Box, Line, PageText, Quad

LEAST_SKEW = 0.2
"""Degrees. Lines askew by less rise by a third of their height at most, and are left as they are."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Upright:
    """How a page lies. rotation, skew: as PageText's. width, height: of the page as it lies."""

    rotation: int
    skew: float
    width: float
    height: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page turned upright."""
        return (self.width, self.height) if self.rotation % 180 == 0 else (self.height, self.width)

    @property
    def changes_nothing(self) -> bool:
        return self.rotation == 0 and self.skew == 0

    def lines(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """The lines as they lie on the upright page."""
        if self.changes_nothing:
            return tuple(lines)
        return tuple(self._line(line) for line in lines)

    def laid_back(self, arranged: PageText, read: PageText) -> PageText:
        """``arranged``, made of this page's upright lines, as it lies on the page itself. read: what they were."""
        if self.changes_nothing:
            return arranged
        blocks = tuple(self._block(block, read.lines) for block in arranged.blocks)
        return replace(arranged, lines=read.lines, blocks=blocks, rotation=read.rotation, skew=read.skew)

    def _line(self, line: Line) -> Line:
        corners = [self._to_upright(point) for point in _corners(line)]
        quad = tuple(value for point in corners for value in point)
        return replace(line, bbox=_box(corners), quad=quad)  # type: ignore[arg-type]  # eight of them

    def _block(self, block: Block, lines: Sequence[Line]) -> Block:
        bbox = around(lines[place].bbox for place in block.lines) if block.lines else self._back(block.bbox)
        return replace(block, bbox=bbox, cells=tuple(replace(cell, bbox=self._back(cell.bbox)) for cell in block.cells))

    def _back(self, box: Box) -> Box:
        return _box([self._from_upright(point) for point in _points(box)])

    def _to_upright(self, point: Point) -> Point:
        x, y = point
        match self.rotation:
            case 90:
                x, y = self.height - y, x
            case 180:
                x, y = self.width - x, self.height - y
            case 270:
                x, y = y, self.width - x
        return self._turned((x, y), -self.skew)

    def _from_upright(self, point: Point) -> Point:
        x, y = self._turned(point, self.skew)
        match self.rotation:
            case 90:
                return y, self.height - x
            case 180:
                return self.width - x, self.height - y
            case 270:
                return self.width - y, x
        return x, y

    def _turned(self, point: Point, angle: float) -> Point:
        """Clockwise about the middle of the upright page."""
        if angle == 0:
            return point
        width, height = self.size
        x, y = point[0] - width / 2, point[1] - height / 2
        c, s = cos(radians(angle)), sin(radians(angle))
        return width / 2 + x * c - y * s, height / 2 + x * s + y * c


def upright_of(read: PageText, width: float, height: float) -> Upright:
    skew = read.skew if abs(read.skew) >= LEAST_SKEW else 0.0
    return Upright(read.rotation % 360, skew, width, height)


def _corners(line: Line) -> list[Point]:
    quad: Quad | None = line.quad
    return _points(line.bbox) if quad is None else [(quad[i], quad[i + 1]) for i in range(0, 8, 2)]


def _points(box: Box) -> list[Point]:
    x0, y0, x1, y1 = box
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _box(points: Iterable[Point]) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
