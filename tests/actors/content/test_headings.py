from __future__ import annotations

import pytest

from actors.content.page import arranged, plain
from cluster.page_text import BlockKind, Line, PageText
from tests.actors.content.pages import HEIGHT, WIDTH, line, prose, read, region

BODY = prose([f"Row {number} of the text of this page" for number in range(8)], 50, 300, 700)


def headings(page: PageText) -> list[tuple[BlockKind, int, str]]:
    kinds = (BlockKind.TITLE, BlockKind.HEADING)
    return [(block.kind, block.level, block.text) for block in page.blocks if block.kind in kinds]


def test_large_letters_above_the_text_are_a_title_and_larger_ones_in_it_a_heading() -> None:
    more = prose([f"Row {number} of more text of this page" for number in range(8)], 50, 560, 700)
    lines = [line("The Title", 300, 100, height=40), *BODY, line("A Heading", 50, 515, height=28), *more]
    page = plain(read(*lines), WIDTH, HEIGHT)
    assert headings(page) == [(BlockKind.TITLE, 1, "The Title"), (BlockKind.HEADING, 2, "A Heading")]


def page_of(*heads: Line) -> PageText:
    regions = [region(BlockKind.HEADING, *head.bbox) for head in heads]
    return arranged(read(*heads, *BODY), [*regions, region(BlockKind.PARAGRAPH, 40, 295, 760, 500)], WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("text", "level"),
    [("1 Introduction", 2), ("2. Methods", 2), ("2.1 Data", 3), ("2.1.3 Sources", 4), ("A.1 More", 3)],
)
def test_a_numbered_heading_stands_as_deep_as_its_number(text: str, level: int) -> None:
    assert headings(page_of(line(text, 50, 250))) == [(BlockKind.HEADING, level, text)]


def test_headings_without_numbers_stand_as_deep_as_their_letters_are_small() -> None:
    page = page_of(
        line("Large", 50, 50, height=40), line("Middle", 50, 150, height=30), line("Small", 50, 250, height=22)
    )
    assert [level for _, level, _ in headings(page)] == [1, 2, 3]


def test_a_heading_of_two_rows_is_one_line() -> None:
    lines = [line("A heading that", 50, 200, height=30), line("goes on", 50, 235, height=30)]
    page = arranged(read(*lines, *BODY), [region(BlockKind.HEADING, 40, 195, 400, 270)], WIDTH, HEIGHT)
    assert "## A heading that goes on\n" in (page.markdown or "")


def test_an_article_at_the_beginning_is_no_number() -> None:
    heads = [line("Large", 50, 50, height=40), line("Middle", 50, 150, height=30), line("A tale", 50, 250, height=22)]
    assert [level for _, level, _ in headings(page_of(*heads))] == [1, 2, 3]


def test_the_last_word_of_a_sentence_at_a_columns_head_is_no_heading() -> None:
    left = prose(["Row of the first column", "that goes on with an open"], 50, 300)
    end, right = line("end.", 420, 300), prose(["Row of the second column", "and its last one."], 420, 325)
    regions = [
        region(BlockKind.PARAGRAPH, 40, 295, 390, 350),
        region(BlockKind.HEADING, 410, 295, 480, 322),
        region(BlockKind.PARAGRAPH, 410, 323, 760, 375),
    ]
    page = arranged(read(*left, end, *right), regions, WIDTH, HEIGHT)
    assert headings(page) == []
    assert "that goes on with an open end." in page.text


def test_a_heading_in_small_letters_is_one() -> None:
    assert headings(page_of(line("in memory of the river", 50, 250))) == [
        (BlockKind.HEADING, 2, "in memory of the river")
    ]
