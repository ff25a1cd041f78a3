from __future__ import annotations

from actors.content.page import arranged
from cluster.page_text import BlockKind
from tests.actors.content.pages import HEIGHT, WIDTH, line, read, region


def test_paragraphs_numbered_on_from_each_other_are_items() -> None:
    lines = [line("a) the first of them", 50, 100), line("b) the second one", 50, 160), line("7) another", 50, 240)]
    regions = [region(kind, *each.bbox) for kind, each in zip([BlockKind.PARAGRAPH] * 3, lines, strict=True)]
    page = arranged(read(*lines), regions, WIDTH, HEIGHT)
    assert [block.kind for block in page.blocks] == [BlockKind.LIST_ITEM, BlockKind.LIST_ITEM, BlockKind.PARAGRAPH]
    assert page.markdown == "- a) the first of them\n- b) the second one\n\n7) another"
