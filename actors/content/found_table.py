"""Tables that no model told: rows of short pieces that stand in the same columns.

Three rows at least, one below the other, of three columns or more, most of which are filled in most rows. Rows of
long pieces are columns of text, and what has two columns is as likely a form.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.content.rows import Row
from actors.content.table_grid import column_of, column_spans, cut_at

LONGEST = 25
"""Characters in a cell, on average."""

FEWEST_ROWS, FEWEST_COLUMNS = 3, 3


def found_tables(rows: Sequence[Row], size: float) -> list[tuple[int, int]]:
    """From which row to before which a table goes, from top to bottom. size: the height of the page's text."""
    result: list[tuple[int, int]] = []
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and len(rows[end].pieces) > 1 and (end == start or _near(rows[end - 1], rows[end], size)):
            end += 1
        if is_table(rows[start:end], size):
            result.append((start, end))
        start = max(end, start + 1)
    return result


def is_table(rows: Sequence[Row], size: float) -> bool:
    if len(rows) < FEWEST_ROWS:
        return False
    pieces = [piece for row in rows for piece in row.pieces]
    if sum(len(piece.text) for piece in pieces) > LONGEST * len(pieces):
        return False
    cuts = cut_at(column_spans(rows, size))
    if len(cuts) + 1 < FEWEST_COLUMNS:
        return False
    filled = [len({column_of(piece, cuts) for piece in row.pieces}) for row in rows]
    return sum(count * 5 >= 3 * (len(cuts) + 1) for count in filled) * 10 >= 7 * len(rows)


def _near(above: Row, below: Row, size: float) -> bool:
    return below.box[1] - above.box[3] < 2.5 * size
