from __future__ import annotations

from actors.content.page import arranged
from cluster.page_text import BlockKind, PageText
from tests.actors.content.pages import HEIGHT, WIDTH, line, prose, read, region

TEXT = [
    "The first row of a text that",
    "is long enough to be prose and",
    "goes on for some rows of it",
    "and ends here.",
]


def kinds(page: PageText) -> list[BlockKind]:
    return [block.kind for block in page.blocks]


def test_a_line_that_a_region_cuts_is_its_own_when_half_of_it_lies_inside() -> None:
    page = arranged(read(*prose(TEXT, 50, 100)), [region(BlockKind.LIST_ITEM, 100, 95, 390, 190)], WIDTH, HEIGHT)
    assert len(page.blocks) == 1


def test_a_row_that_the_model_missed_goes_on_in_its_paragraph() -> None:
    page = arranged(read(*prose(TEXT, 50, 100)), [region(BlockKind.PARAGRAPH, 45, 95, 390, 171)], WIDTH, HEIGHT)
    assert [block.text for block in page.blocks] == [" ".join(TEXT)]


def test_what_no_region_holds_makes_blocks_of_its_own() -> None:
    lines = [*prose(TEXT, 50, 100), *prose(["Something", "far below."], 50, 600)]
    page = arranged(read(*lines), [region(BlockKind.PARAGRAPH, 45, 95, 390, 200)], WIDTH, HEIGHT)
    assert [block.text for block in page.blocks] == [" ".join(TEXT), "Something far below."]


def test_a_region_over_two_columns_is_parted() -> None:
    lines = [*prose(TEXT, 50, 100), *prose(TEXT, 420, 100)]
    page = arranged(read(*lines), [region(BlockKind.PARAGRAPH, 40, 90, 760, 220)], WIDTH, HEIGHT)
    assert page.text == f"{' '.join(TEXT)}\n\n{' '.join(TEXT)}"


def test_a_figure_full_of_prose_is_read_as_text_and_labels_stay_in_theirs() -> None:
    whole = region(BlockKind.FIGURE, 0, 0, WIDTH, HEIGHT)
    assert kinds(arranged(read(*prose(TEXT, 50, 100)), [whole], WIDTH, HEIGHT)) == [BlockKind.PARAGRAPH]
    labels = [line("width", 50, 100), line("height", 300, 180), line("depth", 150, 300)]
    assert kinds(arranged(read(*labels), [whole], WIDTH, HEIGHT)) == [BlockKind.FIGURE]


def test_the_smaller_of_two_regions_holds_a_line_unless_the_larger_is_a_table() -> None:
    lines = [line("a", 60, 100), line("b", 300, 100), line("c", 60, 140), line("d", 300, 140)]
    small = region(BlockKind.LIST_ITEM, 50, 95, 400, 125)
    for outer, kind in ((BlockKind.TABLE, BlockKind.TABLE), (BlockKind.FIGURE, BlockKind.FIGURE)):
        page = arranged(read(*lines), [small, region(outer, 40, 90, 500, 200)], WIDTH, HEIGHT)
        assert kind in kinds(page)
        assert len(page.blocks) == (1 if kind is BlockKind.TABLE else 2)
