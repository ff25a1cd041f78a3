from __future__ import annotations

from actors.content.page import arranged, plain
from cluster.page_text import BlockKind
from tests.actors.content.pages import HEIGHT, WIDTH, line, prose, read, region

LEFT = [f"left {number} of the first column" for number in range(6)]
RIGHT = [f"right {number} of the second column" for number in range(6)]
TWO_COLUMNS = [
    line("A title across", 100, 20, 600, 40),
    *prose(LEFT, 50, 100),
    *prose(RIGHT, 420, 103),
    line("Across the whole page again", 50, 300, 700),
]


def test_columns_are_read_one_after_the_other_without_a_model() -> None:
    page = plain(read(*TWO_COLUMNS), WIDTH, HEIGHT)
    assert " ".join(page.text.split()) == " ".join(["A title across", *LEFT, *RIGHT, "Across the whole page again"])


def test_regions_in_any_order_are_read_in_the_pages() -> None:
    regions = [
        region(BlockKind.PARAGRAPH, 40, 295, 790, 330),
        region(BlockKind.PARAGRAPH, 410, 90, 760, 290),
        region(BlockKind.PARAGRAPH, 40, 90, 390, 290),
        region(BlockKind.TITLE, 90, 10, 710, 70),
    ]
    page = arranged(read(*TWO_COLUMNS), regions, WIDTH, HEIGHT)
    assert [block.kind for block in page.blocks] == [BlockKind.TITLE, *[BlockKind.PARAGRAPH] * 3]
    assert page.markdown is not None
    assert page.markdown.startswith("# A title across\n\nleft 0")
    assert page.text.index("left 5") < page.text.index("right 0") < page.text.index("Across")


def test_an_empty_page_has_no_text() -> None:
    page = arranged(read(), [region(BlockKind.FIGURE, 0, 0, 100, 100)], WIDTH, HEIGHT)
    assert (page.text, page.markdown, page.blocks) == ("", "", ())
