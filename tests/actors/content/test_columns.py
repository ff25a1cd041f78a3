from __future__ import annotations

import pytest

from actors.content.columns import columns, in_order
from cluster.page_text import Box

SIZE = 20.0


def column(x: float, width: float, top: float, count: int, pitch: float = 25) -> list[Box]:
    return [(x, top + i * pitch, x + width, top + i * pitch + 20) for i in range(count)]


def test_a_heading_across_two_columns_is_read_before_them_and_what_spans_them_below_after() -> None:
    boxes = [*column(50, 330, 100, 6), (50, 20, 750, 60), *column(420, 330, 104, 7), (50, 320, 750, 340)]
    assert columns(boxes, SIZE) == [[6], list(range(6)), list(range(7, 14)), [14]]


def test_three_columns_under_one() -> None:
    boxes = [
        *column(50, 700, 50, 3),
        *column(50, 220, 160, 9),
        *column(290, 220, 160, 9),
        *column(530, 220, 160, 9),
    ]
    assert columns(boxes, SIZE) == [[0, 1, 2], list(range(3, 12)), list(range(12, 21)), list(range(21, 30))]


def test_a_column_that_goes_on_below_the_other_is_read_to_its_end() -> None:
    boxes = [*column(50, 330, 100, 12), *column(420, 330, 100, 5)]
    assert in_order(boxes, SIZE) == list(range(17))


def test_a_heading_near_what_follows_two_columns_is_read_with_it() -> None:
    boxes = [*column(50, 330, 100, 5), *column(420, 330, 100, 5), (50, 260, 200, 280), *column(50, 700, 290, 3)]
    assert in_order(boxes, SIZE) == list(range(14))


def test_a_date_at_the_right_is_read_before_the_address_below_it() -> None:
    boxes = [(600, 50, 750, 70), *column(50, 200, 120, 3), *column(50, 700, 250, 5)]
    assert in_order(boxes, SIZE) == list(range(9))


def test_two_blocks_of_one_row_are_read_as_a_row() -> None:
    boxes = [(50, 50, 250, 70), (500, 52, 700, 72), *column(50, 700, 100, 3)]
    assert in_order(boxes, SIZE) == [0, 1, 2, 3, 4]


def test_numbers_beside_a_list_are_read_row_by_row() -> None:
    names, numbers = column(50, 300, 100, 5), [(700.0, y, 730.0, y + 20) for _, y, _, _ in column(0, 1, 100, 5)]
    assert columns([*names, *numbers], SIZE) == [[0, 5, 1, 6, 2, 7, 3, 8, 4, 9]]


def test_an_inset_that_reaches_into_both_columns_does_not_break_them() -> None:
    left = [(50.0, 100.0, 380.0, 300.0), (50.0, 310.0, 250.0, 500.0), (50.0, 510.0, 380.0, 700.0)]
    right = [(420.0, 100.0, 750.0, 290.0), (550.0, 300.0, 750.0, 510.0), (420.0, 520.0, 750.0, 700.0)]
    inset = (280.0, 340.0, 520.0, 480.0)
    order = in_order([*left, inset, *right], SIZE)
    assert [place for place in order if place != 3] == [0, 1, 2, 4, 5, 6]


def test_columns_inside_a_column() -> None:
    boxes = [
        (50.0, 100.0, 250.0, 900.0),
        (300.0, 100.0, 750.0, 200.0),
        (300.0, 220.0, 500.0, 900.0),
        (550.0, 220.0, 750.0, 900.0),
    ]
    assert in_order(boxes, SIZE) == [0, 1, 2, 3]


@pytest.mark.parametrize("boxes", [[], [(0.0, 0.0, 10.0, 10.0)], [(0.0, 0.0, 0.0, 0.0)] * 3])
def test_few_or_empty_boxes(boxes: list[Box]) -> None:
    assert in_order(boxes, SIZE) == list(range(len(boxes)))


def test_boxes_that_lie_over_each_other_are_each_read_once() -> None:
    boxes = [(float(i * 7 % 50), float(i * 13 % 60), 100.0 + i, 100.0 + i * 2) for i in range(30)]
    assert sorted(in_order(boxes, SIZE)) == list(range(30))


@pytest.mark.parametrize("date", [(600, 52, 750, 72), (540, 50, 750, 70)])
def test_a_subtitle_and_a_date_are_read_before_the_columns_below(date: Box) -> None:
    boxes = [(50, 52, 330, 72), date, *column(50, 330, 110, 8), *column(420, 330, 110, 8)]
    assert in_order(boxes, SIZE) == list(range(18))


@pytest.mark.parametrize("heading", [(420, 52, 560, 72), (485, 52, 685, 72)], ids=["at its left edge", "centred"])
def test_headings_of_two_columns_belong_to_them(heading: Box) -> None:
    boxes = [(50, 52, 230, 72), *column(50, 330, 90, 8), heading, *column(420, 330, 90, 8)]
    assert in_order(boxes, SIZE) == list(range(18))


def test_three_short_pieces_above_three_columns_are_a_row() -> None:
    boxes: list[Box] = [(50, 50, 150, 70), (350, 50, 450, 70), (640, 50, 750, 70)]
    boxes += [*column(50, 220, 110, 8), *column(290, 220, 110, 8), *column(530, 220, 110, 8)]
    assert in_order(boxes, SIZE)[0] == 0
    assert in_order(boxes, SIZE)[-8:] == list(range(19, 27))


def test_sides_that_pair_up_are_read_row_by_row() -> None:
    boxes = [*column(50, 200, 100, 5, 40), *column(420, 200, 100, 5, 40)]
    assert in_order(boxes, SIZE, lambda left, right: True) == [0, 5, 1, 6, 2, 7, 3, 8, 4, 9]
    assert in_order(boxes, SIZE, lambda left, right: False) == list(range(10))


def test_blocks_may_stand_nearer_than_lines() -> None:
    left, right = [(50.0, 100.0, 398.0, 300.0), (50.0, 310.0, 396.0, 500.0)], [(400.0, 100.0, 750.0, 500.0)]
    assert in_order([left[0], right[0], left[1]], SIZE) == [0, 2, 1]
    words = [*column(50, 346, 100, 5), *column(399, 346, 112, 5)]
    assert len(columns(words, SIZE)) == 1


@pytest.mark.parametrize("last", [500.0, 420.0])
def test_articles_under_headlines_side_by_side_are_read_after_the_columns_above(last: float) -> None:
    headline, above = (50.0, 30.0, 720.0, 70.0), [(x, 100.0, x + 220, 500.0) for x in (50.0, 290.0)]
    third = (530.0, 100.0, 750.0, last)
    heads = [(50.0, 560.0, 400.0, 590.0), (530.0, 556.0, 740.0, 580.0)]
    below = [(x, 620.0, x + 220, 900.0) for x in (50.0, 290.0, 530.0)]
    boxes = [headline, *above, third, heads[0], *below[:2], heads[1], below[2]]
    assert in_order(boxes, SIZE) == list(range(9))


def test_a_figure_over_two_of_three_columns_does_not_end_the_third() -> None:
    above = [(x, 100.0, x + 220, 500.0) for x in (50.0, 290.0)]
    third = [(530.0, 100.0, 750.0, 400.0), (530.0, 430.0, 750.0, 900.0)]
    boxes = [*above, (50.0, 560.0, 500.0, 800.0), *third]
    assert in_order(boxes, SIZE) == list(range(5))


@pytest.mark.parametrize(("height", "far"), [(28.0, True), (20.0, False)])
def test_headlines_in_their_columns_begin_articles_where_they_are_large_and_far_below(height: float, far: bool) -> None:
    above = [(x, 100.0, x + 220, 500.0) for x in (50.0, 290.0, 530.0)]
    heads = [(x, 560.0, x + 150, 560.0 + height) for x in (50.0, 530.0)]
    below = [(x, 620.0, x + 220, 900.0) for x in (50.0, 290.0, 530.0)]
    boxes = [*above, heads[0], *below[:2], heads[1], below[2]]
    assert (in_order(boxes, SIZE) == list(range(8))) == far
