"""Cells that an engine read as one line, and where they part.

A line reaches over a gutter either because a cell spans columns or because the engine joined cells that stand close.
It was joined where several lines have a space at the same gutter; a heading over two columns stands there once.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.content.letter_widths import gaps, seams, weight
from actors.content.piece import Piece
from actors.content.rows import Row


def is_whole(piece: Piece, edges: Sequence[float], height: float, character: float) -> bool:
    """Whether edges between columns cut none of the piece's words."""
    return all(_space_at(piece, edge, character) for edge in cut_by(piece, edges, 0, height * 0.6))


def joining_cuts(
    rows: Sequence[Sequence[Row]], table_cuts: Sequence[float], height: float, character: float
) -> frozenset[float]:
    """The cuts over which an engine joined cells: pieces with a space at the cut reach over it in most rows, or in one
    row of four while others stand alone on both sides. A heading over two columns does so once."""
    over: dict[float, int] = {}
    alone: set[int] = set()
    for group in rows:
        pieces = [piece for row in group for piece in row.pieces]
        crossed: set[float] = set()
        for piece in pieces:
            cuts = cut_by(piece, table_cuts, 0, height * 0.6)
            crossed |= {cut for cut in cuts if _space_at(piece, cut, character)}
            if not cuts:
                alone.add(column_at((piece.box[0] + piece.box[2]) / 2, table_cuts))
        for cut in crossed:
            over[cut] = over.get(cut, 0) + 1
    count_of_rows = len(rows)
    joining: set[float] = set()
    for place, cut in enumerate(table_cuts):
        count = over.get(cut, 0)
        if count > 1 and (
            count * 5 >= 3 * count_of_rows or (count * 4 >= count_of_rows and {place, place + 1} <= alone)
        ):
            joining.add(cut)
    return frozenset(joining)


def _space_at(piece: Piece, x: float, character: float) -> bool:
    """Whether two words may part there."""
    return any(abs(gap - x) < 2 * character for _, gap in gaps(piece.text, piece.box[0], piece.box[2]))


def parts_at(piece: Piece, x: float, character: float) -> bool:
    """Whether two words, or a number and what follows it, may part there."""
    found = seams(piece.text, piece.box[0], piece.box[2])
    return _space_at(piece, x, character) or any(abs(seam - x) < 2 * character for _, seam in found)


def cut_apart(piece: Piece, cuts: Sequence[float], character: float) -> list[Piece]:
    """One part for each column, cut at the spaces nearest to the gutters, or where there is none at a seam."""
    start, y0, end, y1 = piece.box
    parts: list[Piece] = []
    text = piece.text
    for cut in cuts:
        places = list(gaps(text, start, end))
        if not any(abs(x - cut) < 2 * character for _, x in places):
            places += seams(text, start, end)
        if places:
            at = min(places, key=lambda place: abs(place[1] - cut))[0]
        else:
            at = len(text) if (start + end) / 2 < cut else 0
        parts.append(Piece(piece.place, text[:at].strip(), (start, y0, max(cut, start), y1)))
        text, start = text[at:].strip(), max(cut, start)
    return [*parts, Piece(piece.place, text, (start, y0, max(end, start), y1))]


def cut_by(piece: Piece, edges: Sequence[float], axis: int, slack: float) -> list[float]:
    """The edges that go through the piece, ``slack`` from its ends at least."""
    return [edge for edge in edges if piece.box[axis] + slack < edge < piece.box[axis + 2] - slack]


def column_at(x: float, cuts: Sequence[float]) -> int:
    return sum(x > cut for cut in cuts)


def character_of(pieces: Sequence[Piece]) -> float:
    """The usual width of a letter, which is half as wide as high."""
    widths = sorted(piece.width / sum(map(weight, piece.text)) / 2 for piece in pieces if len(piece.text) > 3)
    return widths[len(widths) // 2] if widths else 0.0
