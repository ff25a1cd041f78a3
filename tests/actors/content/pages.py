"""Pages for tests of actors/content, made of a few lines."""

from __future__ import annotations

from actors.content.region import Grid, Region
from cluster.page_text import BlockKind, Line, PageText

WIDTH, HEIGHT = 800.0, 1000.0


def line(text: str, x: float, y: float, width: float | None = None, height: float = 20) -> Line:
    """width: that of its characters where it is not given, half as wide as high."""
    return Line(text, (x, y, x + (len(text) * height / 2 if width is None else width), y + height), 1.0)


def prose(texts: list[str], x: float, y: float, width: float = 330, pitch: float = 25) -> list[Line]:
    """Lines below each other."""
    return [line(text, x, y + number * pitch, width) for number, text in enumerate(texts)]


def read(*lines: Line) -> PageText:
    return PageText("", lines)


def region(kind: BlockKind, x0: float, y0: float, x1: float, y1: float, grid: Grid | None = None) -> Region:
    return Region(kind, (x0, y0, x1, y1), grid)
