from __future__ import annotations

import pytest

from actors.content.arranging import in_plain_order
from cluster.page_text import BlockKind, Line, PageText
from tests.actors.content.pages import HEIGHT, WIDTH, line, read

WORDS = [
    "The river ran below the old bridge and",
    "the farmer who stood there. Then came",
    "another boat, and nobody on it knew how",
    "far the harbour was. It was evening by",
    "now, and the light on the water had gone",
    "out when they saw the first houses. One",
    "of them was open. A woman at its window",
    "called out to them, but the wind was so",
    "strong that they did not hear her voice",
    "until much later, on their way home.",
]
TEXT = " ".join(WORDS)


def arranged(*lines: Line) -> PageText:
    return in_plain_order(read(*lines), WIDTH, HEIGHT, "none")


def body(x: float = 120) -> list[Line]:
    return [line(text, x, 100 + 30 * at, 400) for at, text in enumerate(WORDS)]


def numbers(x: float, step: int, first: int = 1) -> list[Line]:
    shown = [at for at in range(len(WORDS)) if (first + at) % step == 0]
    return [line(str(first + at), x, 100 + 30 * at) for at in shown]


@pytest.mark.parametrize("x", [60, 560])
def test_numbers_beside_each_line_are_no_text(x: float) -> None:
    page = arranged(*body(), *numbers(x, 1))
    assert page.text == TEXT
    assert [block.text.split("\n")[:2] for block in page.blocks if block.kind.running] == [["1", "2"]]


def test_numbers_that_were_read_with_their_lines_become_lines_of_their_own() -> None:
    page = arranged(*(line(f"{at} {text}", 60, 100 + 30 * at, 460) for at, text in enumerate(WORDS, 112)))
    assert page.text == TEXT
    assert [each.text for each in page.lines[:2]] == ["112", WORDS[0]]
    assert page.lines[0].bbox[2] <= page.lines[1].bbox[0]
    assert sorted(place for block in page.blocks for place in block.lines) == list(range(20))


def test_every_fifth_line_has_its_number_between_two_columns() -> None:
    left = [line(f"Left {text}", 40, 100 + 25 * at, 330) for at, text in enumerate(WORDS * 2)]
    right = [line(f"Right {text}", 430, 100 + 25 * at, 330) for at, text in enumerate(WORDS * 2)]
    between = [line(str(at), 390, 75 + 25 * at) for at in (5, 10, 15, 20)]
    page = arranged(*left, *right, *between)
    assert not any(char.isdecimal() for char in page.text)
    assert page.text.index("Left until") < page.text.index("Right The")


def test_a_line_whose_number_the_engine_missed_does_not_hide_the_others() -> None:
    page = arranged(*body(), *(each for each in numbers(60, 1) if each.text != "4"))
    assert page.text == TEXT


def test_items_of_a_list_keep_their_numbers() -> None:
    items = [line(f"{at} apples and pears", 60, 100 + 30 * at) for at in range(1, 11)]
    assert "7 apples" in arranged(*items).text


def test_numbered_sentences_keep_their_numbers() -> None:
    rows = [line(f"{at} {text.capitalize()}", 60, 100 + 30 * at, 460) for at, text in enumerate(WORDS, 1)]
    assert "7 Of them was open" in arranged(*rows).text


@pytest.mark.parametrize("values", [[5, 10, 15], [5, 10, 20, 25]])
def test_numbers_that_do_not_rise_as_the_lines_do_are_text(values: list[int]) -> None:
    beside = [line(str(value), 60, 100 + 60 * at) for at, value in enumerate(values)]
    page = arranged(*body(), *beside)
    assert not any(block.kind is BlockKind.PAGE_HEADER for block in page.blocks)
