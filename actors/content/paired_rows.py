"""Labels and their values: rows that are read across, though white space runs down between them.

What stands left and right of the white space belongs together, row by row, where nearly every row on one side has its
partner on the other and both sides differ as labels and values do: most of the left ones end in a colon; or only the
right ones have digits; or the letters of one side are lower. Sides that don't differ may as well be a list in two
columns, and long rows are columns of text, whose lines often stand level.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from actors.content.piece import Piece
from actors.content.rows import Row, rows_of

LEVEL = 0.4
"""By how much the middles of a label and its value may differ, in heights of the page's text."""

PAIRED, VALUED = 0.8, 0.6
"""The share of labels that have a value, and of rows of values that have a label: a value may take several rows."""

LONGEST_LABEL, LONGEST_VALUE = 32, 45
"""Characters of a row, in the median."""

LOWER = 0.85
"""Letters this much lower than those beside them are of another kind."""

_COLONS = ":："


def pairs_up(left: Sequence[Piece], right: Sequence[Piece], size: float) -> bool:
    """size: the height of the page's text."""
    if len(left) < 2 or len(right) < 2:
        return False
    labels, values = rows_of(left), rows_of(right)
    if not _all_short(labels, LONGEST_LABEL) or not _all_short(values, LONGEST_VALUE):
        return False
    labelled = [value for value in values if _partner(value, labels, size) is not None]
    valued = [label for label in labels if _partner(label, values, size) is not None]
    if len(valued) < max(2, PAIRED * len(labels)) or len(labelled) < VALUED * len(values):
        return False
    return _differ(labels, values)


def _all_short(rows: Sequence[Row], longest: int) -> bool:
    """Whether rows are as short as labels, and hardly one goes on in the next."""
    small = sum(row.text[:1].islower() for row in rows)
    return median(len(row.text) for row in rows) <= longest and small * 4 <= len(rows)


def _partner(row: Row, others: Sequence[Row], size: float) -> Row | None:
    near = min(others, key=lambda other: abs(other.middle - row.middle))
    return near if abs(near.middle - row.middle) <= LEVEL * size else None


def _differ(labels: Sequence[Row], values: Sequence[Row]) -> bool:
    if sum(label.text.rstrip()[-1:] in _COLONS for label in labels if label.text) * 2 > len(labels):
        return True
    if _with_digits(labels) <= 0.25 and _with_digits(values) >= 0.5:
        return True
    heights = median(label.height for label in labels), median(value.height for value in values)
    return min(heights) < LOWER * max(heights)


def _with_digits(rows: Sequence[Row]) -> float:
    return sum(any(map(str.isdecimal, row.text)) for row in rows) / len(rows)
