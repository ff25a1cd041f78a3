from __future__ import annotations

from dataclasses import replace

from actors.outputs.line_blocks import line_blocks
from cluster.page_text import Block, BlockKind, Line, PageText
from tests.actors.outputs.results import BLOCKS, LINES, result


def test_blocks_have_their_lines_in_reading_order() -> None:
    header, paragraph, table, figure = line_blocks(result().read)
    assert [block.kind for block in (header, paragraph, table, figure)] == [block.kind for block in BLOCKS]
    assert paragraph.lines == LINES[1:3]
    assert figure.lines == ()


def test_a_page_that_nothing_arranged_is_one_block() -> None:
    (block,) = line_blocks(result(blocks=()).read)
    assert (block.kind, block.lines, block.bbox) == (BlockKind.PARAGRAPH, LINES, (50, 10, 250, 112))


def test_lines_that_no_block_names_come_last_and_none_twice() -> None:
    first = replace(BLOCKS[1], lines=(2, 2, 99))
    again = Block(BlockKind.PARAGRAPH, (0, 0, 1, 1), (2,), "", "")
    blocks = line_blocks(result(blocks=(first, again)).read)
    assert [block.lines for block in blocks] == [(LINES[2],), (LINES[0], LINES[1], LINES[3])]


def test_lines_without_text_are_left_out() -> None:
    assert line_blocks(PageText("", (Line("  ", (0, 0, 1, 1), 1),))) == ()
