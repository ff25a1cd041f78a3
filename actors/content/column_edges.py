"""Edges of the columns in which parts stand: an engine's boxes reach into the gutter on a worn page, by chance.

A part's own edges are those of most of its lines. Where parts stand below each other between the same edges, most
lines of all of them say where the edges are: a paragraph of three lines has too few of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.content.part import Part
from cluster.page_text import Box

STICKING_OUT = 3
"""One line in so many may reach further than the column."""

FARTHEST = 0.7
"""By how much it may, in heights of the page's text."""


def cores(parts: Sequence[Part], size: float) -> list[Box]:
    """The box of each part without what sticks out of it, or out of its column."""
    own = [part.core for part in parts]
    return [
        _narrowed(core, [part for part, other in zip(parts, own, strict=True) if _same_column(core, other, size)], size)
        for core in own
    ]


def _narrowed(core: Box, column: Sequence[Part], size: float) -> Box:
    if len(column) < 2:
        return core
    x0, y0, x1, y1 = core
    boxes = [piece.box for part in column for piece in part.pieces]
    spare = len(boxes) // STICKING_OUT
    left, right = sorted(box[0] for box in boxes)[spare], sorted(box[2] for box in boxes)[-1 - spare]
    x0, x1 = max(x0, min(left, x0 + FARTHEST * size)), min(x1, max(right, x1 - FARTHEST * size))
    return x0, y0, max(x0, x1), y1


def _same_column(core: Box, other: Box, size: float) -> bool:
    return abs(core[0] - other[0]) < size and abs(core[2] - other[2]) < size
