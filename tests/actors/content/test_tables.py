from __future__ import annotations

from itertools import pairwise

import pytest

from actors.content.page import arranged
from cluster.page_text import BlockKind, Cell, Line, PageText
from tests.actors.content.pages import HEIGHT, WIDTH, line, read, region

WORDS = ["Oak", "Norway spruce", "Elm", "Silver birch", "Yew", "Larch", "Copper beech"]
HEAD = ["Tree", "Height", "Age", "Found", "Price"]
ROWS = [HEAD, *([word, f"{i * 7}.5", str(30 + i), f"1{i}54", f"{i},000"] for i, word in enumerate(WORDS))]
LEFTS = [60, 260, 380, 500, 640]


def table_page(*lines: Line, grid: bool = False) -> PageText:
    edges = (tuple(90.0 + 40 * i for i in range(9)), (50.0, 250.0, 370.0, 490.0, 630.0, 760.0))
    where = region(BlockKind.TABLE, 40, 90, 770, 500, edges if grid else None)
    return arranged(read(*lines), [where], WIDTH, HEIGHT)


def rows_of(page: PageText) -> list[list[str]]:
    (block,) = page.blocks
    rows: dict[int, list[str]] = {}
    for cell in block.cells:
        rows.setdefault(cell.row, []).append(cell.text)
    return list(rows.values())


def cell_lines(rows: list[list[str]]) -> list[Line]:
    return [
        line(text, x, 100 + 40 * number)
        for number, row in enumerate(rows)
        for text, x in zip(row, LEFTS, strict=True)
        if text
    ]


def test_a_table_without_a_grid_is_found_by_white_space() -> None:
    page = table_page(*cell_lines(ROWS))
    assert rows_of(page) == ROWS
    assert (page.markdown or "").startswith("| Tree | Height | Age | Found | Price |\n| --- |")
    assert page.text.splitlines()[1] == "Oak\t0.5\t30\t1054\t0,000"


def test_a_table_with_a_grid() -> None:
    assert rows_of(table_page(*cell_lines(ROWS), grid=True)) == ROWS


def test_empty_cells_are_kept() -> None:
    rows = [list(row) for row in ROWS]
    rows[2][1] = rows[4][4] = rows[5][0] = ""
    for grid in (False, True):
        assert rows_of(table_page(*cell_lines(rows), grid=grid)) == rows


def test_two_cells_that_were_read_as_one_line_are_parted() -> None:
    lines = cell_lines(ROWS)
    joined = line("Norway spruce 7.5", 60, 180, 240)
    lines = [each for each in lines if each.text not in ("Norway spruce", "7.5")]
    assert rows_of(table_page(*lines, joined)) == ROWS


def test_a_cell_of_two_rows_of_text() -> None:
    lines = [*cell_lines(ROWS), line("of the hills", 60, 199, height=18)]
    for grid in (False, True):
        rows = rows_of(table_page(*lines, grid=grid))
        assert rows[2][0] in ("Norway spruce of the hills", "Norway spruce")
    assert rows_of(table_page(*lines, grid=True))[2] == ["Norway spruce of the hills", *ROWS[2][1:]]


def test_a_heading_over_two_columns_spans_them() -> None:
    lines = [line("Measured in 2020", 285, 60, 170), *cell_lines(ROWS)]
    where = region(BlockKind.TABLE, 40, 50, 770, 500)
    page = arranged(read(*lines), [where], WIDTH, HEIGHT)
    spanning = [cell for cell in page.blocks[0].cells if cell.text == "Measured in 2020"]
    assert [(cell.row, cell.column, cell.column_span) for cell in spanning] == [(0, 1, 2)]
    assert '<th colspan="2">Measured in 2020</th>' in (page.markdown or "")


def test_every_place_of_a_table_is_in_one_cell() -> None:
    cells = table_page(*cell_lines(ROWS[:5])).blocks[0].cells
    places = sorted(
        (cell.row, column) for cell in cells for column in range(cell.column, cell.column + cell.column_span)
    )
    assert places == [(row, column) for row in range(5) for column in range(5)]
    assert all(boxed(cell) for cell in cells)
    assert all(a.bbox[0] < b.bbox[0] for a, b in pairwise(cells) if a.row == b.row)


def boxed(cell: Cell) -> bool:
    return cell.bbox[0] < cell.bbox[2] and cell.bbox[1] < cell.bbox[3]


def test_a_grid_that_cuts_through_the_text_is_not_believed() -> None:
    wrong = (tuple(110.0 + 40 * i for i in range(9)), (50.0, 75.0, 275.0, 520.0, 760.0))
    page = arranged(read(*cell_lines(ROWS)), [region(BlockKind.TABLE, 40, 90, 770, 500, wrong)], WIDTH, HEIGHT)
    assert rows_of(page) == ROWS


def test_a_table_of_one_column_is_text() -> None:
    page = table_page(*(line(f"row {number} of text", 60, 100 + 25 * number, 600) for number in range(5)))
    assert [block.kind for block in page.blocks] == [BlockKind.PARAGRAPH]


def joined_page(*numbers: int, glue: str = " ") -> PageText:
    """Of these rows the third and fourth cells stand in one line; the model's grid tells all columns."""
    rows = [[*row[:3], f"{row[3]}".rjust(4), row[4]] for row in ROWS]
    lines = []
    for number, row in enumerate(rows):
        y = 100 + 40 * number
        cells = [(row[0], 60), (row[1], 260), (row[4], 640)]
        if number in numbers:
            cells.append((f"{row[2]}{glue}{row[3]}", 380))
        else:
            cells += [(row[2], 380), (row[3], 410)]
        lines += [line(text, x, y) for text, x in cells]
    edges = (tuple(90.0 + 40 * i for i in range(9)), (50.0, 250.0, 370.0, 405.0, 630.0, 760.0))
    return arranged(read(*lines), [region(BlockKind.TABLE, 40, 90, 770, 500, edges)], WIDTH, HEIGHT)


def test_cells_that_stand_close_are_parted_where_the_grid_and_a_space_agree() -> None:
    assert rows_of(joined_page(1, 2, 3, 4, 5, 6, 7))[1:] == ROWS[1:]


def test_a_row_of_its_own_is_parted_where_the_others_have_cells() -> None:
    assert rows_of(joined_page(5))[5] == ROWS[5]


def test_rows_that_hold_a_second_line_of_text_belong_to_the_row_above_where_they_stand_closer() -> None:
    lines = [*cell_lines(ROWS[:5]), line("and a half", 260, 202)]
    assert rows_of(table_page(*lines))[2] == [ROWS[2][0], f"{ROWS[2][1]} and a half", *ROWS[2][2:]]


def spans_of(page: PageText) -> list[tuple[str, int]]:
    return [(cell.text, cell.row_span) for cell in page.blocks[0].cells if cell.column == 0]


def names_beside(*names: tuple[str, float]) -> list[Line]:
    """A head, six rows of three amounts 30 apart, and names at these rows, halves between two."""
    head = [line(text, x, 100) for text, x in (("Region", 60), ("Staff", 300), ("Cost", 500))]
    amounts = [line(f"{x + row}.5", x, 130 + 30 * row) for row in range(6) for x in (300, 500)]
    return [*head, *amounts, *(line(name, 60, 130 + 30 * row) for name, row in names)]


def test_names_in_the_middle_of_their_rows_span_them() -> None:
    page = table_page(*names_beside(("North", 0.5), ("South", 3), ("West", 5)))
    assert spans_of(page) == [("Region", 1), ("North", 2), ("South", 3), ("West", 1)]
    assert '<td rowspan="3">South</td>' in (page.markdown or "")
    assert sorted((cell.row, cell.column) for cell in page.blocks[0].cells if cell.column) == [
        (row, column) for row in range(7) for column in (1, 2)
    ]


def test_names_in_the_middle_row_of_each_group_span_it() -> None:
    page = table_page(*names_beside(("North", 1), ("South", 4)))
    assert spans_of(page) == [("Region", 1), ("North", 3), ("South", 3)]


@pytest.mark.parametrize(
    "names",
    [
        (("North", 0), ("South", 3)),
        (("North", 0), ("South", 2), ("West", 4)),
        (("North", 0), ("South", 2)),
        (("North", 5),),
    ],
)
def test_empty_cells_below_a_name_stay_empty(names: tuple[tuple[str, float], ...]) -> None:
    page = table_page(*names_beside(*names))
    assert all(cell.row_span == 1 for cell in page.blocks[0].cells)
    assert len(page.blocks[0].cells) == 21


def test_a_paragraph_that_the_tables_region_holds_as_well_is_none_of_its_rows() -> None:
    texts = [
        "Here begins a paragraph that has nothing to do",
        "with the table above, but for a large region that",
        "has both.",
    ]
    below = [line(text, 60, 440 + 25 * at, 640 if at < 2 else 90) for at, text in enumerate(texts)]
    page = table_page(*cell_lines(ROWS), *below)
    assert [block.kind for block in page.blocks] == [BlockKind.TABLE, BlockKind.PARAGRAPH]
    assert page.blocks[1].text == " ".join(texts)


def test_a_note_of_one_row_under_a_table_stays_in_it() -> None:
    note = line("Heights are those that were measured in the spring", 60, 440, 640)
    assert [block.kind for block in table_page(*cell_lines(ROWS), note).blocks] == [BlockKind.TABLE]


def test_rows_of_one_row_of_the_grid_with_a_name_between_them_are_parted() -> None:
    edges = ((90.0, 120.0, 180.0, 240.0, 320.0), (50.0, 250.0, 450.0, 760.0))
    lines = names_beside(("North", 0.5), ("South", 2.5), ("West", 4.5))
    page = arranged(read(*lines), [region(BlockKind.TABLE, 40, 90, 770, 330, edges)], WIDTH, HEIGHT)
    assert spans_of(page) == [("Region", 1), ("North", 2), ("South", 2), ("West", 2)]
