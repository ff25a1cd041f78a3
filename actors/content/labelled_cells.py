"""Forms made of boxes, each with its label above its value: rows of a table that are one row of such boxes.

An engine sees no boxes, but two rows for each row of them: one of labels, and right below, nearer than any other row,
their values, each beginning under its label. That is told from a table by its repeating: rows stand near and far in
turn, three times at least, and no label has a digit, but for the number of its box before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from actors.content.letter_widths import letter_width
from actors.content.rows import Row

FEWEST = 3
"""Rows of boxes, one below the other."""

NEARER = 1.1
"""From a value to the next label it is so many times as far as from a label to its value, at least."""

NEARER_SMALL, SMALLER = 0.85, 0.8
"""The same where letters of labels are narrower than so many times those of their values."""

UNDER = 0.6
"""By how much a value may begin beside its label, in heights of the higher one."""

_NUMBER = re.compile(r"\d{1,3}[a-z]?[.):]{0,2}\s?(?=[^\W\d_])")

Rows = tuple[Row, ...]


def with_labels(rows: Sequence[Rows]) -> tuple[Rows, ...]:
    """The table's rows, where labels and values stand in turn as one. rows: of the table, by rows of text; a layout
    model may have taken two rows of boxes for one."""
    flat: list[Rows] = [(row,) for group in rows for row in group]
    starts = [0]
    for group in rows:
        starts.append(starts[-1] + len(group))
    result: list[Rows] = []
    number = 0
    while number < len(rows):
        start = starts[number]
        ends = [at for at in range(number + 1, len(rows) + 1) if starts[at] in range(start, _end(flat, start) + 1, 2)]
        if ends and starts[ends[-1]] - start >= 2 * FEWEST:
            result += [(*flat[at], *flat[at + 1]) for at in range(start, starts[ends[-1]], 2)]
            number = ends[-1]
        else:
            result.append(rows[number])
            number += 1
    return tuple(result)


def _end(rows: Sequence[Rows], start: int) -> int:
    """Before which row the pairs end that begin with this one."""
    end, near, far, small = start, 0.0, float("inf"), True
    while end + 1 < len(rows) and _is_pair(rows[end], rows[end + 1]):
        nearest = max(near, _way(rows[end], rows[end + 1]))
        farthest = min(far, _way(rows[end - 1], rows[end])) if end > start else far
        small = small and _letters(rows[end]) < SMALLER * _letters(rows[end + 1])
        if nearest * (NEARER_SMALL if small else NEARER) > farthest:
            break
        near, far = nearest, farthest
        end += 2
    return end


def _is_pair(labels: Rows, values: Rows) -> bool:
    if len(labels) > 1 or len(values) > 1 or len(values[0].pieces) > len(labels[0].pieces):
        return False
    label = labels[0]
    lefts = [piece.box[0] for piece in label.pieces]
    far = UNDER * max(label.height, values[0].height)
    under = all(min(abs(piece.box[0] - x) for x in lefts) < far for piece in values[0].pieces)
    named = [_NUMBER.sub("", piece.text, count=1) for piece in label.pieces]
    return under and not any(map(str.isdecimal, "".join(named)))


def _letters(rows: Rows) -> float:
    pieces = [piece for row in rows for piece in row.pieces]
    return letter_width("".join(piece.text for piece in pieces), sum(piece.width for piece in pieces))


def _way(above: Rows, below: Rows) -> float:
    return below[0].middle - above[-1].middle
