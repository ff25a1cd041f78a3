from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from actors.ocr.page_pose import Pose
from actors.ocr.ppocr_line import LineImage
from actors.ocr.ppocr_pose import FEW, SAMPLE, PoseJudge, SeenLine
from actors.ocr.ppocr_recognizer import ReadLine

HEIGHT, LENGTH = 10, 120


def seen(flipped: float, *, tall: bool = False, on_head: bool = False, row: int = 0, length: int = LENGTH) -> SeenLine:
    """A line whose image is bright at its beginning. flipped: what the classifier says; on_head: what is true."""
    pixels = np.zeros((HEIGHT, length, 3), np.uint8)
    pixels[:, : length // 4] = 255
    if on_head:
        pixels = np.ascontiguousarray(pixels[::-1, ::-1])
    y = row * 20
    along = [[0, y], [length, y], [length, y + HEIGHT], [0, y + HEIGHT]]
    down = [[y + HEIGHT, 0], [y + HEIGHT, length], [y, length], [y, 0]]
    return SeenLine(LineImage(pixels, np.array(down if tall else along, np.float32), tall), flipped)


class Reading:
    """Reads lines surely that are bright at their beginning, others not.

    standing: how sure it is of columns in a row.
    """

    def __init__(self, text: str = "read", sure: float = 0.95, standing: float = 0.1) -> None:
        self.text, self.sure, self.standing = text, sure, standing
        self.lines = 0

    def skim(self, lines: Sequence[LineImage], pages: Sequence[int | None]) -> list[ReadLine]:
        assert set(pages) == {None}
        self.lines += len(lines)
        return [ReadLine(self.text, self._sure(line)) for line in lines]

    def _sure(self, line: LineImage) -> float:
        if line.pixels.shape[0] != HEIGHT:
            return self.standing
        return self.sure if line.pixels[0, 0, 0] else 0.2


def pose(lines: Sequence[SeenLine], reading: Reading) -> Pose:
    (found,) = PoseJudge(reading).poses([lines])
    return found


@pytest.mark.parametrize(("flipped", "tall", "turn"), [(0.05, False, 0), (0.9, False, 180), (0.9, True, 90)])
def test_where_the_classifier_is_clear_nothing_is_read(flipped: float, tall: bool, turn: int) -> None:
    reading = Reading()
    assert pose([seen(flipped, tall=tall, row=row) for row in range(FEW)], reading).turn == turn
    assert reading.lines == 0


@pytest.mark.parametrize("flipped", [0.4, 0.6])
@pytest.mark.parametrize(("on_head", "turn"), [(False, 0), (True, 180)])
def test_where_it_is_not_some_lines_are_read_both_ways(flipped: float, on_head: bool, turn: int) -> None:
    reading = Reading()
    assert pose([seen(flipped, on_head=on_head, row=row) for row in range(20)], reading).turn == turn
    assert reading.lines == 2 * SAMPLE


def test_few_lines_are_not_turned_by_the_classifier_alone() -> None:
    assert pose([seen(0.99)], Reading()).turn == 0
    assert pose([seen(0.99, on_head=True)], Reading()).turn == 180


def test_a_page_on_its_left_side_is_turned_and_one_in_columns_is_not() -> None:
    lines = [seen(0.02, tall=True, row=row) for row in range(9)]
    assert pose(lines, Reading("平等である", standing=0.1)).turn == 270
    assert pose(lines, Reading("平等である", standing=0.9)).turn == 0
    assert pose(lines, Reading("equal", standing=0.9)).turn == 270


def test_a_page_that_no_way_can_be_read_is_left_as_it_is() -> None:
    assert pose([seen(0.5, row=row) for row in range(9)], Reading(sure=0.4)) == Pose()


def test_most_of_the_page_counts() -> None:
    lines = [seen(0.0, row=row) for row in range(9)] + [seen(0.99, tall=True, row=row) for row in range(3)]
    assert pose(lines, Reading()).turn == 0
    assert pose([], Reading()) == Pose()


def test_pages_are_told_apart() -> None:
    pages = [[seen(0.5, row=row) for row in range(7)], [], [seen(0.5, on_head=True, row=row) for row in range(3)]]
    assert [each.turn for each in PoseJudge(Reading()).poses(pages)] == [0, 0, 180]
