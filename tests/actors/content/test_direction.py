from __future__ import annotations

import pytest

from actors.content.direction import Direction, direction_of, framed, unframed, unspaced
from cluster.page_text import Line
from tests.actors.content.pages import line


@pytest.mark.parametrize(
    ("lines", "direction"),
    [
        ([], Direction.RIGHTWARD),
        ([line("12 + 3", 0, 0)], Direction.RIGHTWARD),
        ([line("words", 0, 0)], Direction.RIGHTWARD),
        ([line("שלום לכולם", 0, 0), line("ok", 0, 30)], Direction.LEFTWARD),
        ([line("مرحبا بالعالم", 0, 0)], Direction.LEFTWARD),
        ([line("吾輩は猫である", 0, 0, 20, 300)], Direction.DOWNWARD),
        ([line("吾輩は猫である", 0, 0, 300, 40)], Direction.RIGHTWARD),
        ([line("Latin up the margin", 0, 0, 20, 300)], Direction.RIGHTWARD),
    ],
)
def test_the_direction_of_most_characters(lines: list[Line], direction: Direction) -> None:
    assert direction_of(lines) is direction


@pytest.mark.parametrize("direction", Direction)
def test_a_box_comes_back_from_the_frame(direction: Direction) -> None:
    box = (10.0, 20.0, 110.0, 50.0)
    assert unframed(framed(box, direction, 800), direction, 800) == box


def test_in_the_frame_what_is_read_first_is_first() -> None:
    right, left = (500.0, 0.0, 520.0, 300.0), (400.0, 0.0, 420.0, 300.0)
    assert framed(right, Direction.DOWNWARD, 800)[1] < framed(left, Direction.DOWNWARD, 800)[1]
    assert framed(right, Direction.LEFTWARD, 800)[0] < framed(left, Direction.LEFTWARD, 800)[0]


@pytest.mark.parametrize(
    ("character", "answer"), [("漢", True), ("ひ", True), ("ก", True), ("한", False), ("a", False)]
)
def test_scripts_without_spaces(character: str, answer: bool) -> None:
    assert unspaced(character) is answer
