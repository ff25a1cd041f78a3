from __future__ import annotations

from math import cos, radians, sin

import pytest

from actors.ocr.page_pose import Pose
from actors.ocr.reading_order import in_reading_order, pose_of_lines
from cluster.page_text import Line


def line(text: str, x: float, y: float, width: float = 200, height: float = 20, angle: float = 0) -> Line:
    """A line on a page that is then turned clockwise by ``angle`` degrees about its top left corner."""
    c, s = cos(radians(angle)), sin(radians(angle))
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    turned = [(px * c - py * s, px * s + py * c) for px, py in corners]
    xs, ys = [px for px, _ in turned], [py for _, py in turned]
    quad = tuple(value for corner in turned for value in corner)
    return Line(text, (min(xs), min(ys), max(xs), max(ys)), 1.0, quad)  # type: ignore[arg-type]


def texts(lines: list[Line]) -> str:
    return "".join(each.text for each in lines)


@pytest.mark.parametrize("angle", [0, 3, -3, 90, 88, 180, 183, 270, 267])
def test_rows_are_read_along_the_page_whatever_its_turn(angle: float) -> None:
    lines = [
        line("f", 300, 83, angle=angle),
        line("a", 0, 0, angle=angle),
        line("e", 0, 80, angle=angle),
        line("c", 250, 28, angle=angle),
        line("b", 0, 24, angle=angle),
        line("d", 0, 52, width=600, angle=angle),
    ]
    assert texts(in_reading_order(lines)) == "abcdef"
    assert pose_of_lines(lines).turn == -round(angle / 90) * 90 % 360


def test_lines_without_corners_count_as_upright() -> None:
    lines = [Line("b", (300, 2, 400, 22), 1.0), Line("a", (0, 0, 100, 20), 1.0), Line("c", (0, 30, 100, 50), 1.0)]
    assert texts(in_reading_order(lines)) == "abc"
    assert pose_of_lines(lines).turn == 0


def test_a_few_lines_up_the_margin_do_not_turn_the_page() -> None:
    lines = [line("long text of the page", 0, 0), line("side", 0, 300, width=80, angle=-90)]
    assert pose_of_lines(lines).turn == 0


@pytest.mark.parametrize("angle", [0, 4, -4, 90, 180, 270])
def test_columns_of_standing_characters_are_read_from_the_right(angle: float) -> None:
    lines = [
        line("aa", 400, 0, width=20, height=300, angle=angle),
        line("bb", 402, 320, width=20, height=100, angle=angle),
        line("cc", 360, 3, width=20, height=420, angle=angle),
        line("dd", 320, 0, width=20, height=400, angle=angle),
        line("7", 200, 450, width=12, height=20, angle=angle),
    ]
    assert texts(in_reading_order(lines[::-1])) == "aabbccdd7"


def test_narrow_letters_are_no_columns() -> None:
    lines = [line("1", x, y, width=8, height=20) for y in (0, 40) for x in (0, 50)]
    assert [each.bbox[:2] for each in in_reading_order(lines)] == [(0, 0), (50, 0), (0, 40), (50, 40)]


def test_an_empty_page_is_upright() -> None:
    assert in_reading_order([]) == []
    assert pose_of_lines([]) == Pose()
