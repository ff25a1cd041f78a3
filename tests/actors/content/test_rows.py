from __future__ import annotations

from actors.content.direction import Direction
from actors.content.piece import pieces_of
from actors.content.rows import rows_of
from cluster.page_text import Line
from tests.actors.content.pages import WIDTH, line


def texts(*lines: Line, direction: Direction = Direction.RIGHTWARD) -> list[str]:
    return [row.text for row in rows_of(pieces_of(lines, direction, WIDTH), direction)]


def test_pieces_of_a_row_are_joined_from_left_to_right() -> None:
    assert texts(line("second", 300, 103), line("first", 50, 100), line("below", 50, 125)) == ["first second", "below"]


def test_rows_whose_boxes_overlap_stay_apart() -> None:
    rows = [line(f"row {number}", 50, 100 + number * 18, 300, 26) for number in range(4)]
    assert texts(*rows) == ["row 0", "row 1", "row 2", "row 3"]


def test_no_space_is_put_between_chinese_pieces() -> None:
    assert texts(line("阅读", 50, 100, 60), line("顺序", 120, 100, 60)) == ["阅读顺序"]


def test_a_row_that_is_read_from_right_to_left() -> None:
    pieces = [line("ثانية", 300, 100, 100), line("اولى", 500, 100, 100)]
    assert texts(*pieces, direction=Direction.LEFTWARD) == ["اولى ثانية"]


def test_a_row_of_latin_words_in_a_page_that_is_read_from_right_to_left() -> None:
    pieces = [line("second", 500, 100, 100), line("first", 300, 100, 100)]
    assert texts(*pieces, direction=Direction.LEFTWARD) == ["first second"]
