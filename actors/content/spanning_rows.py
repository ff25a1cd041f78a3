"""Names in a table's first column that stand for several rows: each in the middle of those that it spans.

Rules between cells are not seen, so it is told by places alone: the names part the rows below the head into groups, and
each name stands halfway down its own. One name at least stands between two rows, or none stands for a single row:
otherwise a name at the top of its rows, with empty cells below, could be taken for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from actors.content.direction import around
from actors.content.piece import Piece

MISS = 0.3
"""By how much a name may miss the middle of its rows, as a share of the way from row to row."""

MOST_HEADS = 3


def spanned_rows(rows: Sequence[Sequence[Piece]], names: Sequence[Piece]) -> list[tuple[int, int, list[Piece]]]:
    """First row, count of rows and pieces of each name; empty where names span no rows, or are no longer than a row.

    rows: the pieces of all other columns, row by row from the top. names: those of the first column."""
    boxes = [around(piece.box for piece in row) for row in rows]
    middles = [(box[1] + box[3]) / 2 for box in boxes]
    labels = _labels(names)
    if len(rows) < 3 or len(labels) >= len(rows):
        return []
    pitch = median(b - a for a, b in pairwise(middles))
    for heads in range(min(MOST_HEADS, len(rows) - 1) + 1):
        top = (boxes[heads - 1][3] + boxes[heads][1]) / 2 if heads else float("-inf")
        above = [label for label in labels if _middle(label) < top]
        below = labels[len(above) :]
        if found := _groups(middles, heads, [_middle(label) for label in below], pitch):
            own = [(_nearest(middles[:heads], _middle(label)), 1, label) for label in above]
            return own + [(*group, label) for group, label in zip(found, below, strict=True)]
    return []


def _groups(middles: Sequence[float], start: int, names: Sequence[float], pitch: float) -> list[tuple[int, int]]:
    """First row and count of rows of each name, where they part all rows from ``start`` on. Empty where they do not."""
    found: list[tuple[int, int]] = []
    between = False
    for name in names:
        if start >= len(middles):
            return []
        last = _nearest(middles, 2 * name - middles[start])
        if last < start or abs((middles[start] + middles[last]) / 2 - name) > MISS * pitch:
            return []
        between |= (last - start) % 2 == 1
        found.append((start, last - start + 1))
        start = last + 1
    counts = [count for _, count in found]
    if start < len(middles) or max(counts, default=1) == 1:
        return []
    return found if between or (min(counts) > 1 and len(counts) > 1) else []


def _labels(names: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces of each name: rows that stand as near as those of one text."""
    result: list[list[Piece]] = []
    for piece in sorted(names, key=lambda piece: piece.middle):
        above = result[-1][-1] if result else None
        if above is not None and piece.box[1] - above.box[3] < 0.4 * min(piece.height, above.height):
            result[-1].append(piece)
        else:
            result.append([piece])
    return result


def _middle(label: Sequence[Piece]) -> float:
    _, y0, _, y1 = around(piece.box for piece in label)
    return (y0 + y1) / 2


def _nearest(places: Sequence[float], place: float) -> int:
    return min(range(len(places)), key=lambda at: abs(places[at] - place))
