"""Pages on their way to the outputs: each is judged by those around it, and none is lost or overtakes another."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

from actors.outputs.page import OutputPage
from actors.render.judged_pages import AROUND, judged_pages
from actors.render.stored_pages import PageGroup
from cluster.page_text import Block, BlockKind, Line, PageResult, PageText
from cluster.record import ErrorInfo


def page(number: int, footer: str = "", kind: BlockKind = BlockKind.PAGE_FOOTER) -> OutputPage:
    lines = [Line(f"The text of page {number}.", (50, 300, 300, 312), 1.0)]
    blocks = [Block(BlockKind.PARAGRAPH, lines[0].bbox, (0,), lines[0].text, lines[0].text)]
    if footer:
        lines.append(Line(footer, (50, 760, 300, 772), 1.0))
        blocks.append(Block(kind, lines[1].bbox, (1,), footer, footer))
    text = "\n\n".join(block.text for block in blocks if not block.kind.running)
    read = PageText(text, tuple(lines), text, blocks=tuple(blocks))
    return OutputPage(number, PageResult("job-1", number, 1, 1, 1, 612, 792, None, 0, 0, read))


async def streamed(pages: list[OutputPage], size: int) -> AsyncGenerator[PageGroup, None]:
    for start in range(0, len(pages), size):
        yield pages[start : start + size]


async def texts(pages: list[OutputPage]) -> list[str]:
    singly, judged = [
        [each async for group in judged_pages(streamed(pages, size)) for each in group] for size in (1, 3)
    ]
    assert singly == judged
    assert [each.number for each in judged] == [each.number for each in pages]
    return ["" if each.result is None else each.result.read.text for each in judged]


async def test_pages_keep_their_order_and_failed_ones_their_place() -> None:
    pages = [page(number) for number in range(1, 13)]
    pages[3] = OutputPage(4, None, ErrorInfo("engine_failed", "No."))
    pages[5] = replace(pages[5], result=None)
    assert [text for text in await texts(pages) if text] == [
        f"The text of page {number}." for number in range(1, 13) if number not in (4, 6)
    ]


async def test_a_footer_of_one_page_of_many_is_text() -> None:
    told = await texts([page(1), page(2, "Oldbridge, in May"), page(3), page(4)])
    assert told[1] == "The text of page 2.\n\nOldbridge, in May"


async def test_a_footer_of_the_only_page_is_left_out() -> None:
    assert await texts([page(1, "Oldbridge, in May")]) == ["The text of page 1."]


async def test_what_repeats_is_told_once_whatever_the_length_of_the_document() -> None:
    told = await texts([page(number, "Account 7730 1182", BlockKind.PARAGRAPH) for number in range(1, 12)])
    assert ["Account" in text for text in told] == [True, *[False] * 10]


async def test_pages_far_away_have_no_say() -> None:
    far = 2 * AROUND
    told = await texts([page(1, "Oldbridge, in May"), page(1 + far, "Oldbridge, in May"), page(2 + far)])
    assert told[0] == "The text of page 1."


async def test_nothing_comes_of_nothing() -> None:
    assert await texts([]) == []
