"""Tables with known cells, drawn on paper: with all rules, with none, and with a heading over two columns."""

from __future__ import annotations

from collections.abc import Sequence

import pymupdf

from benchmarks.drawn_paper import Paper
from benchmarks.markdown_tables import Grid
from benchmarks.random_prose import Prose

SIZE = 10.0
_PADDING = 6.0


def random_grid(prose: Prose, rows: int, columns: int) -> Grid:
    """A row of headings, a column of names, and amounts; no amount comes twice."""
    head = ("Item", *(prose.title(1) for _ in range(columns - 1)))
    amounts: dict[str, None] = {}
    while len(amounts) < (rows - 1) * (columns - 1):
        amounts[prose.amount()] = None
    left = iter(amounts)
    body = [(prose.words(2).capitalize(), *(next(left) for _ in range(columns - 1))) for _ in range(rows - 1)]
    return (head, *body)


def draw_table(
    paper: Paper, grid: Grid, x: float, y: float, widths: Sequence[float], *, ruled: bool, row_height: float = 20.0
) -> float:
    """Names to the left, amounts to the right, as tables are set; returns the lower edge."""
    edges = [x]
    for width in widths:
        edges.append(edges[-1] + width)
    for number, row in enumerate(grid):
        baseline = y + number * row_height + 0.5 * row_height + 0.35 * SIZE
        font = "tibo" if number == 0 else "tiro"
        for column, cell in enumerate(row):
            place = edges[column] + _PADDING
            if column:
                length = pymupdf.get_text_length(cell, fontname=font, fontsize=SIZE)
                place = edges[column + 1] - _PADDING - length
            paper.line(place, baseline, cell, SIZE, font)
    lower = y + len(grid) * row_height
    if ruled:
        draw_rules(paper, edges, [y + number * row_height for number in range(len(grid) + 1)])
    return lower


def draw_rules(paper: Paper, across: Sequence[float], down: Sequence[float]) -> None:
    for place in across:
        paper.rule(place, down[0], place, down[-1])
    for place in down:
        paper.rule(across[0], place, across[-1], place)


def draw_spanned(paper: Paper, prose: Prose, x: float, y: float) -> tuple[Grid, float]:
    """Two groups of two columns, each under one heading, and a second line in each name; the grid, with the headings
    repeated over their columns, and the lower edge."""
    groups = (prose.title(2), prose.title(2))
    body = [(f"{prose.title(1)} {prose.words(1)}", *(prose.amount() for _ in range(4))) for _ in range(5)]
    second = (prose.title(1), prose.title(1), prose.title(1), prose.title(1))
    edges = [x, x + 120, x + 200, x + 280, x + 360, x + 440]
    rows = [y, y + 20, y + 40, *(y + 40 + 34 * number for number in range(1, len(body) + 1))]
    for number, group in enumerate(groups):
        paper.centred(edges[1 + 2 * number] + 80, y + 14, group, SIZE, "tibo")
    for number, name in enumerate(("Item", *second)):
        paper.line(edges[number] + _PADDING, y + 34, name, SIZE, "tibo")
    for top, (name, *amounts) in zip(rows[2:], body, strict=False):
        first, last = name.split(" ", 1)
        paper.line(edges[0] + _PADDING, top + 14, first, SIZE)
        paper.line(edges[0] + _PADDING, top + 27, last, SIZE)
        for number, amount in enumerate(amounts):
            paper.line(edges[number + 1] + _PADDING, top + 14, amount, SIZE)
    draw_rules(paper, edges, rows[1:])
    for place in (edges[0], edges[1], edges[3], edges[5]):
        paper.rule(place, rows[0], place, rows[1])
    paper.rule(edges[0], rows[0], edges[-1], rows[0])
    head = ("", groups[0], groups[0], groups[1], groups[1])
    return (head, ("Item", *second), *body), rows[-1]


def as_markdown(grid: Grid) -> str:
    rows = ["| " + " | ".join(row) + " |" for row in grid]
    return "\n".join([rows[0], "|" + "---|" * len(grid[0]), *rows[1:]])
