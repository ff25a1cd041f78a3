from __future__ import annotations

import numpy as np
import pytest

from actors.ocr.column_line import as_in_columns, is_written_in_columns, standing
from actors.ocr.engine import Pixels
from actors.ocr.ppocr_line import LineImage, cut_line

SIZE, GAP, MARGIN = 16, 8, 7


def column(characters: int, *, last: int = SIZE) -> Pixels:
    """A page that is one column of dark squares, the last one's height another. Each has its number as its shade."""
    height = characters * (SIZE + GAP) + 2 * MARGIN
    page = np.full((height, SIZE + 2 * MARGIN, 3), 255, np.uint8)
    for number in range(characters):
        top = MARGIN + number * (SIZE + GAP)
        page[top : top + (last if number == characters - 1 else SIZE), MARGIN:-MARGIN] = number
    return page


def cut(page: Pixels) -> LineImage:
    height, width = page.shape[:2]
    line = cut_line(page, np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32))
    assert line.tall
    return line


def shades(row: Pixels) -> list[int]:
    """Of the squares, from left to right, each once."""
    middle = row[row.shape[0] // 2, :, 0]
    return list(dict.fromkeys(int(shade) for shade in middle if shade < 20))


@pytest.mark.parametrize("characters", [2, 3, 7, 16])
def test_the_characters_of_a_column_come_to_stand_in_a_row(characters: int) -> None:
    row = standing(cut(column(characters)))
    assert shades(row.pixels) == list(range(characters))
    assert row.pixels.shape[0] < 2 * SIZE
    assert not row.tall


def test_no_character_is_cut_through() -> None:
    row = standing(cut(column(12))).pixels
    for number in range(12):
        assert (row[..., 0] == number).sum() >= 0.9 * SIZE * SIZE


def test_a_short_last_character_is_kept() -> None:
    row = standing(cut(column(8, last=9))).pixels
    assert (row[..., 0] == 7).sum() >= 0.9 * 9 * SIZE


def test_the_first_corner_is_the_columns_top_left() -> None:
    page = column(5)
    height, width = page.shape[:2]
    assert standing(cut(page)).corners.tolist() == [[0, 0], [width, 0], [width, height], [0, height]]


@pytest.mark.parametrize("height", [3, 4, 40])
def test_a_column_without_ink_is_no_error(height: int) -> None:
    row = standing(LineImage(np.full((2, height, 3), 255, np.uint8), np.zeros((4, 2), np.float32), tall=True))
    assert row.pixels.min() == 255


def test_chinese_and_japanese_are_written_in_columns() -> None:
    assert is_written_in_columns("吾輩は猫である。")
    assert is_written_in_columns("第3章")
    assert not is_written_in_columns("Figure 3 (図)")
    assert not is_written_in_columns("…")
    assert not is_written_in_columns("")


def test_marks_that_columns_write_otherwise_are_put_right() -> None:
    assert as_in_columns("カッコいいゲ１ムをプレイした。") == "カッコいいゲームをプレイした。"
    assert as_in_columns("流れは`しかも") == "流れは、しかも"
    assert as_in_columns("第1章 I和") == "第1章 I和"
