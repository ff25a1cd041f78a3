from __future__ import annotations

from actors.content.page import arranged, plain
from cluster.page_text import BlockKind
from tests.actors.content.pages import HEIGHT, WIDTH, line, prose, read, region

LEFT, RIGHT = ([f"The {side} column's row {number} of text." for number in range(12)] for side in ("first", "second"))
STAMP = line("A stamp up the margin of the page", 5, 60, 20, 500)
LINES = [line("A title over both of them", 60, 50, 700, 30), *prose(LEFT, 60, 120), *prose(RIGHT, 420, 123), STAMP]


def test_a_line_up_the_margin_does_not_hold_columns_together_and_comes_last() -> None:
    text = " ".join(["A title over both of them", *LEFT, *RIGHT, STAMP.text])
    regions = [region(BlockKind.PARAGRAPH, 55, 115, 400, 430), region(BlockKind.PARAGRAPH, 415, 115, 760, 430)]
    for page in (plain(read(*LINES), WIDTH, HEIGHT), arranged(read(*LINES), regions, WIDTH, HEIGHT)):
        assert " ".join(page.text.split()) == text


def test_a_title_over_vertical_japanese_is_read_first_and_what_stands_below_last() -> None:
    columns = [line("吾輩は猫である名前はまだ無い", 700 - 50 * number, 150, 30, 600) for number in range(6)]
    page = plain(
        read(*columns, line("夏目漱石の小説から", 300, 60, 300, 30), line("一九〇五年の本", 350, 900, 200, 25)),
        WIDTH,
        HEIGHT,
    )
    assert page.text.startswith("夏目漱石の小説から")
    assert page.text.endswith("一九〇五年の本")


def test_an_archives_stamp_up_the_margin_is_a_running_line() -> None:
    stamp = line("arXiv:math/0401234v1 [math.AG] 12 Jan 2004", 5, 60, 20, 500)
    page = plain(read(*LINES[:-1], stamp), WIDTH, HEIGHT)
    assert "arXiv" not in page.text
    assert [block.text for block in page.blocks if block.kind is BlockKind.PAGE_HEADER] == [stamp.text]
