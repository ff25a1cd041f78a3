from __future__ import annotations

import pytest

from actors.content.column_edges import cores
from actors.content.page import arranged
from actors.content.part import Part, part_of
from actors.content.piece import Piece
from cluster.page_text import BlockKind, Box
from tests.actors.content.pages import HEIGHT, WIDTH, line, prose, read, region

SIZE = 20.0


def part(*edges: tuple[float, float], top: float = 100) -> Part:
    """A line for each pair of a left and a right edge."""
    boxes: list[Box] = [(x0, top + 25 * at, x1, top + 25 * at + 20) for at, (x0, x1) in enumerate(edges)]
    return part_of(BlockKind.PARAGRAPH, [Piece(at, "text", box) for at, box in enumerate(boxes)])


@pytest.mark.parametrize(("reaching", "edge"), [(410.0, 400.0), (440.0, 440.0)])
def test_a_line_that_reaches_out_of_its_column_by_little_is_cut(reaching: float, edge: float) -> None:
    column = part(*[(50, 400)] * 10)
    short = part((50, 400), (50, 400), (50, reaching), top=400)
    assert cores([column, short], SIZE)[1] == (50, 400, edge, 470)


def test_a_part_that_stands_alone_keeps_its_edges() -> None:
    assert cores([part((50, 400), (50, 410))], SIZE) == [(50, 100, 410, 145)]


def test_smeared_lines_on_both_sides_of_a_gutter_do_not_close_it() -> None:
    left = prose([f"Row {number} of the first column." for number in range(8)], 50, 100, 345)
    end = [line("Its last paragraph has a row that", 50, 310, 345), line("reaches into the gutter.", 50, 335, 360)]
    right = prose([f"Row {number} of the second column." for number in range(8)], 412, 100, 340)
    reaching = [line("Here a row begins too far left", 404, 310, 348), line("of it, and this does not.", 412, 335, 340)]
    regions = [
        region(BlockKind.PARAGRAPH, x0, y0, x1, y1)
        for x0, x1 in ((45, 400), (403, 760))
        for y0, y1 in ((95, 300), (305, 360))
    ]
    page = arranged(read(*left, *end, *right, *reaching), regions, WIDTH, HEIGHT)
    assert page.text.index("the gutter") < page.text.index("Row 0 of the second")
