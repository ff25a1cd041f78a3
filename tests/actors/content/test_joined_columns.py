from __future__ import annotations

from dataclasses import replace

import pytest

from actors.content.arranging import in_plain_order
from actors.content.joined_columns import parted
from cluster.page_text import Line, PageText
from tests.actors.content.pages import line

LEFT = [
    "the first column of this page goes on",
    "and on in lines of the same length as",
    "they stand in print, so that an engine",
    "which joins what is close to each other",
    "may take two of them for one long line",
    "where the gutter is as narrow as here,",
    "hardly wider than a space between words",
    "of a line that was made to fill its row",
]
RIGHT = [
    "while the second one is read after it",
    "and says other things, in sentences of",
    "its own that nobody would want to find",
    "in the middle of those of the first one",
    "although both stand in the same rows of",
    "the page and are of just the same size",
    "as each other, as they are in any paper",
    "that is printed in two narrow columns.",
]


def page(joined: tuple[int, ...]) -> list[Line]:
    """Two columns from 50 to 430 and from 442 to 822; of some rows both columns in one line."""
    lines = []
    for row, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):
        y = 100 + 25 * row
        if row in joined:
            lines.append(line(f"{left} {right}", 50, y, 772))
        else:
            lines += [line(left, 50, y, 380), line(right, 442, y, 380)]
    return lines


def texts(lines: list[Line]) -> list[str]:
    return [each.text for each in parted(lines, lines)]


@pytest.mark.parametrize("joined", [(3,), (3, 4, 5), (5, 6, 7), (0, 1)])
def test_lines_joined_across_a_gutter_are_parted(joined: tuple[int, ...]) -> None:
    assert texts(page(joined)) == texts(page(()))
    parts = parted(page(joined), page(joined))
    assert {each.bbox[0] for each in parts} == {50, 442}
    assert {each.bbox[2] for each in parts} == {430, 822}


def test_lines_across_both_columns_above_them_stay_whole() -> None:
    across = [
        line("An introduction that stands above both of the columns and goes on for", 50, 0, 772),
        line("some lines, the words of which end anywhere, extraordinarily independent", 50, 25, 772),
        line("of whatever may follow below in two columns, as introductions mostly are", 50, 50, 772),
    ]
    assert texts([*across, *page(())])[:3] == [each.text for each in across]


def test_lines_beside_the_gutter_may_reach_into_it() -> None:
    """As those of a worn page do: the rows above and below the joined ones are its columns all the same."""
    lines = [
        line("of which nobody knows interdepartmentalization that is written by another hand", 50, 200, 772)
        if each.bbox[1] == 200
        else replace(each, bbox=(50, each.bbox[1], 436, each.bbox[3]))
        if each.text == LEFT[5]
        else replace(each, bbox=(437, each.bbox[1], 822, each.bbox[3]))
        if each.text == RIGHT[5]
        else each
        for each in page((3, 4))
    ]
    assert {LEFT[3], RIGHT[3]} <= set(texts(lines))


def test_a_broken_word_tells_the_end_of_a_line_further_off() -> None:
    left, right = "and on with a hand as it was bro-", "kenheartedly down at the end of its rows"
    joined = Line(f"{left} {right}", (50, 175, 822, 195), 1.0)
    lines = [joined if each.bbox[1] == 175 else each for each in page((3,))]
    assert {left, right} <= set(texts(lines))


def test_a_page_of_one_column_stays_as_it_is() -> None:
    lines = [
        line(f"{left} {right}", 50, 100 + 25 * row, 772)
        for row, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True))
    ]
    assert parted(lines, lines) == tuple(lines)


def test_corners_are_parted_in_the_direction_in_which_the_line_is_read() -> None:
    upright = page((3,))
    turned = [
        Line(
            each.text,
            (each.bbox[1], 0, each.bbox[3], 900),
            1.0,
            (y0, 900 - x0, y0, 900 - x1, y1, 900 - x1, y1, 900 - x0),
        )
        for each in upright
        for x0, y0, x1, y1 in [each.bbox]
    ]
    parts = parted(turned, upright)
    left, right = (next(part for part in parts if part.text == text) for text in (LEFT[3], RIGHT[3]))
    assert left.bbox == pytest.approx((175, 470, 195, 850))
    assert right.bbox == pytest.approx((175, 78, 195, 458))


def test_no_lines() -> None:
    assert parted([], []) == ()


def test_a_page_is_arranged_by_the_parts() -> None:
    arranged = in_plain_order(PageText("", tuple(page((3, 4)))), 900, 1000, "nobody was there")
    assert arranged.text == " ".join([*LEFT, *RIGHT]) == " ".join(arranged.text.split())
    assert len(arranged.lines) == 2 * len(LEFT)
    assert sorted(place for block in arranged.blocks for place in block.lines) == list(range(2 * len(LEFT)))
