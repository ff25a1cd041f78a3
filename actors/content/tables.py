"""Tables: the pieces of a table put into cells.

The layout model's grid is taken where it fits: where it cuts hardly a piece. Else the grid is made from the white
space between the pieces (table_grid.py). A piece that reaches over a gutter is parted at a space near it where it is
wider than its characters need, since an engine joins cells that stand close; otherwise it is one cell that spans the
columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from actors.content.direction import Direction, around
from actors.content.hyphens import flowing
from actors.content.joined_cells import character_of, column_at, cut_apart, cut_by, is_whole, joining_cuts, parts_at
from actors.content.labelled_cells import with_labels
from actors.content.letter_widths import weight
from actors.content.part import Part
from actors.content.piece import Piece
from actors.content.region import Grid
from actors.content.rows import Row, rows_of
from actors.content.spanning_rows import spanned_rows
from actors.content.table_grid import column_spans, cut_at, logical_rows
from cluster.page_text import Box, Cell

FIT = 0.9
"""The share of pieces that a model's grid must leave whole."""


PROSE = 30
"""Characters in a row of running text, at least."""


@dataclass(frozen=True, slots=True)
class _Lattice:
    """cuts: x between columns. rows: the pieces of each row of the table, by rows of text."""

    cuts: tuple[float, ...]
    rows: tuple[tuple[Row, ...], ...]


@dataclass(frozen=True, slots=True)
class _Filling:
    """What stands in one cell: a piece, or a part of one."""

    row: int
    first: int
    last: int
    piece: Piece


def cells_of(part: Part, words: frozenset[str], direction: Direction) -> tuple[Cell, ...]:
    """The cells of a table that hold text or are empty, boxes in the frame; none where it has no two columns."""
    rows = rows_of(part.pieces, direction)
    height = median(piece.height for piece in part.pieces)
    character = character_of(part.pieces)
    lattice = _lattice(part, rows, height, character, direction)
    if not lattice.cuts or len(lattice.rows) < 2:
        return ()
    joining = joining_cuts(lattice.rows, lattice.cuts, height, character)
    fillings = _filled(lattice, height, character, joining)
    taken = {(filling.row, filling.first) for filling in fillings if filling.first == filling.last}
    for number in range(1, len(lattice.rows)):
        separate = joining | _separate(number, lattice, taken)
        if separate != joining and any(f.row == number and f.first < f.last for f in fillings):
            one = _Lattice(lattice.cuts, (lattice.rows[number],))
            again = [replace(filling, row=number) for filling in _filled(one, height, character, separate)]
            fillings = [filling for filling in fillings if filling.row != number] + again
    fillings, spans = _with_spans(_without_empty(fillings))
    cells = _cells(fillings, spans, words, direction)
    return () if _is_text_with_notes(cells) else cells


def _is_text_with_notes(cells: Sequence[Cell]) -> bool:
    """Whether one column of long rows has something beside it in few of them."""
    if max((cell.column for cell in cells), default=0) != 1:
        return False
    lengths = [[len(cell.text) for cell in cells if cell.column == column and cell.text] for column in (0, 1)]
    few, many = sorted(lengths, key=len)
    rows = max(cell.row for cell in cells) + 1
    return len(few) * 2 < rows and sum(many) > PROSE * len(many)


def _filled(lattice: _Lattice, height: float, character: float, joining: frozenset[float]) -> list[_Filling]:
    return [
        filling
        for number, group in enumerate(lattice.rows)
        for row in group
        for piece in row.pieces
        for filling in _fillings(piece, number, lattice.cuts, height, character, joining)
    ]


def _separate(row: int, lattice: _Lattice, taken: set[tuple[int, int]]) -> frozenset[float]:
    """The cuts on both sides of which most other rows have cells of their own. Only a table's first rows, and a row
    that holds nothing else, have cells that span columns."""
    if row < 2 and not all((0, column) in taken for column in range(len(lattice.cuts) + 1)):
        return frozenset()
    if sum(len(each.pieces) for each in lattice.rows[row]) < 2:
        return frozenset()
    others = [other for other in range(len(lattice.rows)) if other != row]
    return frozenset(
        cut
        for column, cut in enumerate(lattice.cuts)
        if sum({(other, column), (other, column + 1)} <= taken for other in others) * 2 > len(others)
    )


def _lattice(part: Part, rows: Sequence[Row], height: float, character: float, direction: Direction) -> _Lattice:
    own = tuple(cut_at(column_spans(rows, height)))
    if part.grid is None:
        return _Lattice(own, with_labels(list(map(tuple, logical_rows(rows, own)))))
    ys, xs = part.grid
    cuts = own
    whole = sum(is_whole(piece, xs[1:-1], height, character) for piece in part.pieces)
    if whole >= FIT * len(part.pieces) and len(xs) - 2 >= len(own):
        cuts = tuple(xs[1:-1])
    level = sum(not cut_by(piece, ys[1:-1], 1, height * 0.3) for piece in part.pieces)
    if level < FIT * len(part.pieces):
        return _Lattice(cuts, with_labels(list(map(tuple, logical_rows(rows, cuts)))))
    return _Lattice(cuts, with_labels(_gridded(part.pieces, part.grid, cuts, direction)))


def _gridded(pieces: Sequence[Piece], grid: Grid, cuts: Sequence[float], direction: Direction) -> list[tuple[Row, ...]]:
    """Rows as the grid has them. Where several rows of text fill most columns of one each, they are rows themselves; a
    name may stand between them."""
    edges = grid[0][1:-1]
    groups: list[list[Piece]] = [[] for _ in range(len(edges) + 1)]
    for piece in pieces:
        groups[sum(piece.middle > edge for edge in edges)].append(piece)
    result: list[tuple[Row, ...]] = []
    for group in groups:
        rows = rows_of(group, direction)
        filled = [len({column_at((p.box[0] + p.box[2]) / 2, cuts) for p in row.pieces}) for row in rows]
        filled = [count for count, row in zip(filled, rows, strict=True) if count > 1 or not _is_name(row, cuts)]
        if len(filled) > 1 and min(filled) > 1 and min(filled) * 5 >= 3 * (len(cuts) + 1):
            result += [(row,) for row in rows]
        elif rows:
            result.append(tuple(rows))
    return result


def _is_name(row: Row, cuts: Sequence[float]) -> bool:
    """Whether it holds nothing but what stands in the first column."""
    return all(column_at(piece.box[2], cuts) == 0 for piece in row.pieces)


def _fillings(
    piece: Piece, row: int, cuts: Sequence[float], height: float, character: float, joining: frozenset[float]
) -> list[_Filling]:
    """The piece in its cell or, parted or as it is, in those that it reaches into."""
    x0, _, x1, _ = piece.box
    slack = min(0.6 * height, (x1 - x0) / 3)
    first, last = column_at(x0 + slack, cuts), column_at(x1 - slack, cuts)
    if first == last:
        return [_Filling(row, first, first, piece)]
    needed = sum(map(weight, piece.text)) * 2 * character
    crossed = cuts[first:last]
    wide = x1 - x0 > needed + max(1.5 * character * (last - first), 0.12 * needed)
    if wide or all(cut in joining and parts_at(piece, cut, character) for cut in crossed):
        parts = cut_apart(piece, crossed, character)
        return [
            _Filling(row, column, column, part)
            for column, part in zip(range(first, last + 1), parts, strict=True)
            if part.text
        ]
    return [_Filling(row, first, last, piece)]


def _without_empty(fillings: Sequence[_Filling]) -> list[_Filling]:
    """Columns and rows that nothing begins in are left out."""
    columns = {column: number for number, column in enumerate(sorted({f.first for f in fillings}))}
    rows = {row: number for number, row in enumerate(sorted({f.row for f in fillings}))}
    result = []
    for filling in fillings:
        last = max(column for column in columns if column <= filling.last)
        result.append(_Filling(rows[filling.row], columns[filling.first], columns[last], filling.piece))
    return result


def _with_spans(fillings: list[_Filling]) -> tuple[list[_Filling], dict[int, int]]:
    """The fillings with the names in the first column that stand for several rows in the first of these, and how many
    they are, by that row."""
    names = [filling for filling in fillings if filling.last == 0]
    others = [filling for filling in fillings if filling.last > 0]
    numbers = sorted({filling.row for filling in others})
    rows = [[filling.piece for filling in others if filling.row == number] for number in numbers]
    found = spanned_rows(rows, [filling.piece for filling in names])
    named = {filling.row for filling in names}
    full = [count > 1 and named.issuperset(numbers[first : first + count]) for first, count, _ in found]
    if not found or any(full):  # where each row has a name, those of several rows of text may only stand close
        return fillings, {}
    result = [replace(filling, row=numbers.index(filling.row)) for filling in others]
    result += [_Filling(first, 0, 0, piece) for first, _, name in found for piece in name]
    return result, {first: count for first, count, _ in found}


def _cells(
    fillings: Sequence[_Filling], spans: dict[int, int], words: frozenset[str], direction: Direction
) -> tuple[Cell, ...]:
    """Every place of the table, in one cell: those where text begins, those that it reaches over, and empty ones.

    spans: how many rows the first column's cell reaches over, by its row, where it is not one."""
    spanned = {row for first, count in spans.items() for row in range(first + 1, first + count)}
    inside: dict[tuple[int, int], list[_Filling]] = {}
    for filling in fillings:
        inside.setdefault((filling.row, filling.first), []).append(filling)
    columns = max(filling.last for filling in fillings) + 1
    if columns < 2:
        return ()
    result: list[Cell] = []
    for row in range(max(filling.row for filling in fillings) + 1):
        column = 1 if row in spanned else 0
        while column < columns:
            here = inside.get((row, column), [])
            nearest = min((c for r, c in inside if r == row and c > column), default=columns)
            last = min(max((filling.last for filling in here), default=column), nearest - 1)
            rows = rows_of([filling.piece for filling in here], direction)
            text = flowing([each.text for each in rows], words)
            box = around(each.box for each in rows) if rows else _empty_box(row, column, fillings)
            result.append(Cell(row, column, text, box, 1 if column else spans.get(row, 1), last - column + 1))
            column = last + 1
    return tuple(result)


def _empty_box(row: int, column: int, fillings: Sequence[_Filling]) -> Box:
    """Where the text of the row and of the column would meet."""
    beside = [filling.piece.box for filling in fillings if filling.row == row]
    above = [filling.piece.box for filling in fillings if filling.first == column == filling.last]
    _, y0, _, y1 = around(beside)
    x0, _, x1, _ = around(above or beside)
    return x0, y0, x1, y1
