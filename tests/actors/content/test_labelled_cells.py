"""Forms of boxes: labels above values are told from a table by what repeats."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.content.direction import Direction
from actors.content.labelled_cells import Rows, with_labels
from actors.content.page import arranged
from actors.content.piece import pieces_of
from actors.content.rows import rows_of
from cluster.page_text import BlockKind, Line
from tests.actors.content.pages import HEIGHT, WIDTH, line, read, region

BOXES = (
    (("Family name", "LINDQVIST"), ("First name", "Anna Maria")),
    (("Date of birth", "23.08.1961"), ("Nationality", "Swedish")),
    (("Street and number", "Mill Road 48"), ("Postcode", "OB4 7RW")),
    (("E-mail", "a@post.example"), ("Telephone", "0555 640 118")),
)


def form(count: int, near: float, far: float, indent: float = 5) -> list[Line]:
    """So many rows of boxes. near: from a label to its value. far: from there to the next label."""
    lines = []
    for number, row in enumerate(BOXES[:count]):
        y = 200 + number * (near + far)
        for (label, value), x in zip(row, (50, 420), strict=True):
            lines += [line(label, x, y), line(value, x + indent, y + near)]
    return lines


def table_rows(lines: list[Line]) -> list[Rows]:
    return [(row,) for row in rows_of(pieces_of(lines, Direction.RIGHTWARD, WIDTH))]


def texts(rows: tuple[Rows, ...]) -> list[str]:
    return [" / ".join(row.text for row in group) for group in rows]


@pytest.mark.parametrize(("near", "far"), [(25, 30), (30, 45), (40, 48)])
@pytest.mark.parametrize("count", [3, 4])
def test_labels_and_values_in_turn_are_rows_of_boxes(count: int, near: float, far: float) -> None:
    told = texts(with_labels(table_rows(form(count, near, far))))
    assert told == [f"{a[0]} {b[0]} / {a[1]} {b[1]}" for a, b in BOXES[:count]]


def test_an_empty_box_has_no_value() -> None:
    lines = [each for each in form(4, 30, 45) if each.text != "Swedish"]
    assert len(with_labels(table_rows(lines))) == 4


@pytest.mark.parametrize(
    "lines",
    [
        form(2, 30, 45),
        form(4, 30, 30),
        form(4, 45, 30),
        form(4, 30, 45, indent=40),
        [
            line(text, x, 200 + 30 * row + 20 * (row // 2))
            for row in range(8)
            for text, x in ((f"{row} men", 50), (f"1{row}", 420))
        ],
        [],
    ],
    ids=["too few", "evenly apart", "nearer to the next", "not below", "numbers", "nothing"],
)
def test_rows_of_a_table_stay_rows(lines: list[Line]) -> None:
    rows = table_rows(lines)
    assert with_labels(rows) == tuple(rows)


def test_rows_after_the_boxes_stay_rows() -> None:
    last = [line("Payment", 50, 600), line("Cash", 420, 600)]
    assert texts(with_labels(table_rows([*form(4, 30, 45), *last])))[4:] == ["Payment Cash"]


def test_a_form_is_read_box_by_box() -> None:
    page = arranged(read(*form(4, 30, 45)), [region(BlockKind.TABLE, 40, 190, 760, 560)], WIDTH, HEIGHT)
    words = " ".join(f"{label} {value}" for row in BOXES for label, value in row)
    assert " ".join(page.text.split()) == words


def test_labels_may_have_the_numbers_of_their_boxes() -> None:
    lines = [replace(each, text=f"{at}. {each.text}") if at % 2 else each for at, each in enumerate(form(4, 30, 45), 1)]
    assert len(with_labels(table_rows(lines))) == 4


def test_labels_in_smaller_letters_need_not_stand_nearer() -> None:
    labels = [label for row in BOXES for label, _ in row]
    lines = form(4, 30, 30)
    assert len(with_labels(table_rows(lines))) == 8
    small = [line(each.text, each.bbox[0], each.bbox[1], len(each.text) * 5) for each in lines if each.text in labels]
    assert len(with_labels(table_rows([*small, *(each for each in lines if each.text not in labels)]))) == 4


def test_two_rows_of_boxes_that_the_model_took_for_one_are_two() -> None:
    single = table_rows(form(4, 30, 45))
    merged = [tuple(row for group in single[:4] for row in group), *single[4:]]
    assert with_labels(merged) == with_labels(single)
