"""A piece: a line as an engine read it, with its place on the page, laid in the frame in which pages are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from actors.content.direction import Direction, framed
from cluster.page_text import Box, Line

LEAST = 1e-3
"""The least width and height of a piece."""


@dataclass(frozen=True, slots=True)
class Piece:
    """place: its index among the page's lines. box: in the frame. Engines break lines at wide gaps: it may be a part of
    a row."""

    place: int
    text: str
    box: Box

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def width(self) -> float:
        return self.box[2] - self.box[0]

    @property
    def middle(self) -> float:
        """Its middle, down the page."""
        return (self.box[1] + self.box[3]) / 2


def pieces_of(lines: Sequence[Line], direction: Direction, width: float) -> list[Piece]:
    """One for each line, from top to bottom whatever their order was."""
    pieces = [
        Piece(place, " ".join(line.text.split()), framed(_sound(line.bbox), direction, width))
        for place, line in enumerate(lines)
    ]
    return sorted(pieces, key=lambda piece: (piece.box[1], piece.box[0], piece.box, piece.text, piece.place))


def _sound(box: Box) -> Box:
    """A box that has an extent, whatever an engine or a document says: edges in order, numbers, and some height."""
    x0, y0, x1, y1 = (edge if isfinite(edge) else 0.0 for edge in box)
    x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    return x0, y0, max(x1, x0 + LEAST), max(y1, y0 + LEAST)


def size_of(pieces: Sequence[Piece]) -> float:
    """The height of most of the text: the median over characters, in the unit of the boxes."""
    return _size([(piece.height, piece.text) for piece in pieces])


def size_of_lines(lines: Sequence[Line]) -> float:
    """The same of lines that are read rightward."""
    return _size([(line.bbox[3] - line.bbox[1], line.text) for line in lines])


def _size(heights: list[tuple[float, str]]) -> float:
    weighted = sorted((height, min(len(text), 200) or 1) for height, text in heights)
    half, below = sum(weight for _, weight in weighted) / 2, 0
    for height, weight in weighted:
        below += weight
        if below >= half:
            return max(height, 1e-6)
    return 1.0
