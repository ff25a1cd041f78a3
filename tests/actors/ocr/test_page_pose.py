from __future__ import annotations

from math import cos, radians, sin

import pytest

from actors.ocr.page_pose import Pose, pose_of, turn_of
from cluster.page_text import Quad


def quad(angle: float, *, x: float = 0, y: float = 0, length: float = 300, height: float = 20) -> Quad:
    """A line that begins at x, y and runs ``angle`` degrees clockwise from left-to-right."""
    along, down = (cos(radians(angle)), sin(radians(angle))), (-sin(radians(angle)), cos(radians(angle)))
    right = (x + length * along[0], y + length * along[1])
    return (
        x,
        y,
        *right,
        right[0] + height * down[0],
        right[1] + height * down[1],
        x + height * down[0],
        y + height * down[1],
    )


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("skew", [0, 2, -2, 10, -10, 40, -40])
def test_the_pose_is_that_of_the_lines(turn: int, skew: float) -> None:
    pose = pose_of([quad(skew - turn, y=30 * row) for row in range(5)])
    assert pose.turn == turn
    assert pose.skew == pytest.approx(skew, abs=0.01)


def test_a_line_is_turned_to_the_nearest_quarter() -> None:
    assert [turn_of(quad(angle)) for angle in (0, 44, 46, 90, 180, -90, -46, -44)] == [0, 0, 270, 270, 180, 90, 90, 0]


def test_one_long_line_outweighs_many_short_ones() -> None:
    lines = [quad(180, length=30)] * 5 + [quad(0, length=300)]
    assert pose_of(lines).turn == 0
    assert pose_of(lines, [1] * 6).turn == 180


def test_a_tie_goes_to_the_page_as_it_is() -> None:
    assert pose_of([quad(180), quad(0)]) == Pose()
    assert pose_of([]) == Pose()


def test_lines_that_stand_otherwise_do_not_count_for_the_skew() -> None:
    assert pose_of([quad(3)] * 5 + [quad(-90 + 8)] * 4) == Pose(0, 3)


def test_short_lines_tell_no_skew() -> None:
    assert pose_of([quad(5, length=60)] * 20).skew == 0
    assert pose_of([quad(5, length=60)] * 20 + [quad(2)] * 3).skew == 2


def test_two_lines_tell_no_skew() -> None:
    assert pose_of([quad(5)] * 2).skew == 0
    assert pose_of([quad(5)] * 3).skew == 5


def test_outliers_do_not_move_the_skew() -> None:
    lines = [quad(2.0), quad(2.1), quad(1.9), quad(2.0), quad(9), quad(-20)]
    assert pose_of(lines).skew == 2


def test_lines_in_all_directions_have_no_skew() -> None:
    assert pose_of([quad(angle) for angle in range(-40, 41, 8)]).skew == 0
