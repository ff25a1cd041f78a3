"""The grid of a table: where its columns and rows lie, from white space between its pieces.

A gutter is white space down the table that nearly all rows leave free: one row in eight may reach across it, a
heading over two columns or a cell that an engine read together with its neighbour. Rows are those of the text; a row
that has nothing in the first column, and stands closer to the one above than rows do that have, is the next line of
its cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from actors.content.piece import Piece
from actors.content.rows import Row

Span = tuple[float, float]

GUTTER = 0.35
"""The narrowest white space between columns, in heights of a row."""

ACROSS = 8
"""One row in so many may reach across a gutter; of four rows and more one may in any case."""


def column_spans(rows: Sequence[Row], height: float) -> list[Span]:
    """From left to right: from where to where the text of each column reaches. height: of a row."""
    allowed = 0 if len(rows) < 4 else max(1, len(rows) // ACROSS)
    edges: list[tuple[float, int]] = []
    for row in rows:
        for start, end in _covered(row, height * 0.1):
            edges += [(start, 1), (end, -1)]
    spans: list[Span] = []
    count, start = 0, 0.0
    for x, step in sorted(edges):
        before, count = count, count + step
        if before <= allowed < count:
            start = x
        elif count <= allowed < before:
            spans.append((start, x))
    spans = _merged(spans, GUTTER * height)
    return _with_rare(spans, rows, allowed, height) if allowed else spans


def cut_at(spans: Sequence[Span]) -> list[float]:
    """The middles of the gutters between columns."""
    return [(a[1] + b[0]) / 2 for a, b in pairwise(spans)]


def logical_rows(rows: Sequence[Row], cuts: Sequence[float]) -> list[list[Row]]:
    """Rows of text that make one row of the table each."""
    if not rows:
        return []
    ways = [below.middle - above.middle for above, below in pairwise(rows)]
    firsts = [any(column_of(piece, cuts) == 0 for piece in row.pieces) for row in rows]
    full = [way for way, first in zip(ways, firsts[1:], strict=True) if first]
    usual = median(full) if full else median(ways) if ways else 0.0
    result = [[rows[0]]]
    for row, way, first in zip(rows[1:], ways, firsts[1:], strict=True):
        if not first and way < 0.8 * usual:
            result[-1].append(row)
        else:
            result.append([row])
    return result


def column_of(piece: Piece, cuts: Sequence[float]) -> int:
    middle = (piece.box[0] + piece.box[2]) / 2
    return sum(middle > cut for cut in cuts)


def _covered(row: Row, slack: float) -> list[Span]:
    """What the row's pieces cover, none of it twice."""
    spans: list[Span] = []
    for piece in row.pieces:
        start, end = piece.box[0] + slack, max(piece.box[2] - slack, piece.box[0] + slack)
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return spans


def _merged(spans: Sequence[Span], gutter: float) -> list[Span]:
    result: list[Span] = []
    for span in spans:
        if result and span[0] - result[-1][1] < gutter:
            result[-1] = (result[-1][0], span[1])
        else:
            result.append(span)
    return result


def _with_rare(spans: list[Span], rows: Sequence[Row], allowed: int, height: float) -> list[Span]:
    """Columns that few rows fill are below what is counted: pieces clear of all columns make columns of their own."""
    rare: list[Span] = []
    for row in rows:
        for piece in row.pieces:
            start, end = piece.box[0], piece.box[2]
            clear = all(end < a + 0.2 * height or start > b - 0.2 * height for a, b in spans)
            if clear and (end - start) < 12 * height:
                rare.append((start, end))
    united = _merged(sorted(rare), 0.0)
    return _merged(sorted([*spans, *united]), GUTTER * height / 2) if united else spans
