"""Pages with a table: with rules, without, with headings over two columns, in a column of text."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.drawing import Drawing, column_checks, some_style
from benchmarks.drawn_paper import Paper, columns, paragraphs
from benchmarks.drawn_tables import as_markdown, draw_spanned, draw_table, random_grid
from benchmarks.quality_checks import Check, Neighbour, Order, Side
from benchmarks.random_prose import Prose


def _neighbours(prose: Prose, grid: Sequence[Sequence[str]], count: int) -> list[Check]:
    """Cells that hold amounts, and what stands beside them."""
    checks: list[Check] = []
    for y in prose.chance.sample(range(1, len(grid)), count):
        x = prose.chance.randint(1, len(grid[y]) - 1)
        side = prose.chance.choice((Side.LEFT, Side.ABOVE))
        beside = grid[y][x - 1] if side is Side.LEFT else grid[y - 1][x]
        checks.append(Neighbour(grid[y][x], side, beside))
    return checks


def _table(prose: Prose, *, ruled: bool) -> Drawing:
    paper, before, after = Paper(), prose.sentences(5), prose.sentences(5)
    grid = random_grid(prose, 8, 5)
    paper.flow(paragraphs(before, 5), [(60, 70, 535, 180)], some_style(prose))
    lower = draw_table(paper, grid, 60, 200, (135, 85, 85, 85, 85), ruled=ruled)
    paper.flow(paragraphs(after, 5), [(60, lower + 20, 535, 600)], some_style(prose))
    checks = (*_neighbours(prose, grid, 4), Order(before[-1], after[0]))
    return Drawing(paper.document(), checks, "\n\n".join([" ".join(before), as_markdown(grid), " ".join(after)]))


def ruled_table(prose: Prose) -> Drawing:
    return _table(prose, ruled=True)


def bare_table(prose: Prose) -> Drawing:
    return _table(prose, ruled=False)


def spanned_table(prose: Prose) -> Drawing:
    paper = Paper()
    paper.flow(f"<p>{prose.sentence()}</p>", [(60, 70, 535, 110)], some_style(prose))
    grid, _ = draw_spanned(paper, prose, 75, 130)
    checks = (
        Neighbour(grid[1][1], Side.ABOVE, grid[0][1]),
        Neighbour(grid[1][3], Side.ABOVE, grid[0][3]),
        Neighbour(grid[3][1], Side.LEFT, grid[3][0]),
        Neighbour(grid[5][3], Side.ABOVE, grid[4][3]),
    )
    return Drawing(paper.document(), checks, as_markdown(grid))


def table_in_column(prose: Prose) -> Drawing:
    """Two columns, and a small ruled table at the foot of the left one."""
    paper = Paper()
    left, right = columns((50, 60, 545, 780), 2, 24)
    upper = (left[0], left[1], left[2], 560.0)
    grid = random_grid(prose, 6, 3)
    draw_table(paper, grid, left[0], 590, (105, 65, 65), ruled=True)
    sentences = paper.fill(prose.sentences(60), [upper, right], some_style(prose))
    document = paper.document()
    checks = (*column_checks(document, [upper, right], sentences)[:1], *_neighbours(prose, grid, 3))
    return Drawing(document, checks, "\n\n".join([" ".join(sentences), as_markdown(grid)]))


def row_spans(prose: Prose) -> Drawing:
    """A ruled table whose names stand in the middle of the rows that they span."""
    paper, edges = Paper(), (70, 190, 330, 430, 530)
    paper.flow(f"<p>{prose.sentence()}</p>", [(70, 50, 525, 90)], some_style(prose))
    grid: list[tuple[str, ...]] = [("Region", "Office", "Staff", "Cost")]
    low = 122.0
    paper.rule(edges[0], low, edges[-1], low)
    for count in prose.chance.sample((2, 3, 2), 3):
        name = prose.title(2)
        paper.line(edges[0] + 5, low + count * 11 + 4, name, 10)
        for row in range(count):
            cells = (prose.title(2), str(prose.chance.randint(10, 999)), prose.amount())
            for x, text in zip(edges[1:], cells, strict=False):
                paper.line(x + 5, low + 15, text, 10)
            low += 22
            paper.rule(edges[0] if row == count - 1 else edges[1], low, edges[-1], low)
            grid.append((name, *cells))
    for x, text in zip(edges, grid[0], strict=False):
        paper.line(x + 5, 115, text, 10, "tibo")
    paper.rule(edges[0], 100, edges[-1], 100)
    for x in edges:
        paper.rule(x, 100, x, low)
    checks = (
        *(Neighbour(row[1], Side.LEFT, row[0]) for row in grid[1:]),
        Neighbour(grid[4][2], Side.ABOVE, grid[3][2]),
    )
    return Drawing(paper.document(), checks, as_markdown(tuple(grid)))
