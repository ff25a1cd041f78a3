"""The tables of a page's Markdown, whether they are written with pipes or in HTML, and how right their cells are."""

from __future__ import annotations

from html.parser import HTMLParser

from markdown_it import MarkdownIt

from benchmarks.judged_text import judged, markdown_text

Grid = tuple[tuple[str, ...], ...]
"""Rows of cells, from the top left; a cell that spans several places stands in each of them."""


def tables_of(markdown: str) -> list[Grid]:
    """All tables, those with pipes first; cells are judged texts. Rows may differ in length."""
    return [*_pipe_tables(markdown), *_html_tables(markdown)]


def cells_right(truth: Grid, tables: list[Grid]) -> int:
    """Cells of ``truth`` whose text stands at the same row and column of the table that has the most of them."""
    return max((_same_cells(truth, table) for table in tables), default=0)


def shape(table: Grid) -> tuple[int, int]:
    """Rows, and columns of the widest."""
    return len(table), max((len(row) for row in table), default=0)


def nearest(truth: Grid, tables: list[Grid]) -> Grid:
    """The table that has the most right cells; an empty one where there is none."""
    return max(tables, key=lambda table: _same_cells(truth, table), default=())


def _same_cells(truth: Grid, table: Grid) -> int:
    return sum(
        judged(cell) == found
        for true_row, row in zip(truth, table, strict=False)
        for cell, found in zip(true_row, row, strict=False)
    )


def _pipe_tables(markdown: str) -> list[Grid]:
    tables: list[list[list[str]]] = []
    in_cell = False
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        match token.type:
            case "table_open":
                tables.append([])
            case "tr_open":
                tables[-1].append([])
            case "th_open" | "td_open":
                in_cell = True
            case "th_close" | "td_close":
                in_cell = False
            case "inline" if in_cell:
                tables[-1][-1].append(judged(markdown_text(token.content)))
    return [tuple(tuple(row) for row in table) for table in tables]


def _html_tables(markdown: str) -> list[Grid]:
    parser = _TableParser()
    parser.feed(markdown)
    parser.close()
    return [grid for grid in map(_spread, parser.tables) if grid]


class _Cell:
    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns, self.text = rows, columns, ""


class _TableParser(HTMLParser):
    """Collects rows of cells; nested tables are not told apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[_Cell]]] = []
        self._cell: _Cell | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            spans = dict(attrs)
            self._cell = _Cell(_span(spans.get("rowspan")), _span(spans.get("colspan")))
            self.tables[-1][-1].append(self._cell)
        elif tag == "br" and self._cell is not None:
            self._cell.text += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.text += data


def _span(value: str | None) -> int:
    return min(100, max(1, int(value))) if value is not None and value.isdecimal() else 1


def _spread(rows: list[list[_Cell]]) -> Grid:
    """Spanning cells repeated in all their places."""
    places: dict[tuple[int, int], str] = {}
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while (y, x) in places:
                x += 1
            for dy in range(cell.rows):
                for dx in range(cell.columns):
                    places[y + dy, x + dx] = judged(cell.text)
            x += cell.columns
    height, width = max((y for y, _ in places), default=-1) + 1, max((x for _, x in places), default=-1) + 1
    return tuple(tuple(places.get((y, x), "") for x in range(width)) for y in range(height))
