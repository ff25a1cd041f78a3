"""Running lines told by the pages around."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.content.page import plain
from actors.content.repeated_lines import PageEdges, edges_of, judged_again
from cluster.page_text import BlockKind, Line, PageText
from tests.actors.content.pages import HEIGHT, WIDTH, line, prose, read

BODY = prose(
    ["Row 0 of the text", *(f"row {number} of the text of this page" for number in range(1, 20))], 50, 150, 700
)


def page(*edges: tuple[str, float], kind: BlockKind = BlockKind.PARAGRAPH) -> PageText:
    """A page with lines at its edges, which it has for blocks of this kind. edges: texts with their tops."""
    lines = [line(text, 50, y) for text, y in edges]
    arranged = plain(read(*BODY, *lines), WIDTH, HEIGHT)
    texts = {text for text, _ in edges}
    blocks = tuple(replace(block, kind=kind) if block.text in texts else block for block in arranged.blocks)
    assert sum(block.text in texts for block in blocks) == len(edges)
    return replace(arranged, blocks=blocks)


def edges(number: int, read: PageText) -> PageEdges:
    found = edges_of(number, read, WIDTH, HEIGHT)
    assert found is not None
    return found


def judged(pages: list[PageText], at: int) -> PageText:
    """The page, judged among the others."""
    known = [edges(number, each) for number, each in enumerate(pages, start=1)]
    return judged_again(pages[at], known[at], known[:at] + known[at + 1 :])


def head(text: str, y: float = 40) -> PageText:
    return page((text, y), kind=BlockKind.PAGE_HEADER)


def foot(text: str, y: float = 950) -> PageText:
    return page((text, y), kind=BlockKind.PAGE_FOOTER)


@pytest.mark.parametrize("make", [head, foot])
def test_what_repeats_nowhere_is_text(make: object) -> None:
    assert callable(make)
    pages = [make("Signed by Thomas Arkwright"), page(), page()]
    after = judged(pages, 0)
    assert "Signed by Thomas Arkwright" in after.text
    assert "Signed by Thomas Arkwright" in (after.markdown or "")
    assert not any(block.kind.running for block in after.blocks)


@pytest.mark.parametrize("text", ["Page 3", "17", "https://example.org/a", "© 2020 A Press", "DOI 10.1000/182"])
def test_what_a_running_line_alone_says_runs(text: str) -> None:
    pages = [foot(text), page(), page()]
    assert judged(pages, 0) == pages[0]


@pytest.mark.parametrize("other", ["A history of Rome", "A hist0ry of Rome", "A History of Rome 14"])
def test_what_repeats_runs_wherever_it_stands(other: str) -> None:
    pages = [head("A History of Rome"), page(), head(other, 80)]
    assert judged(pages, 0) == pages[0]


def test_what_always_stands_there_runs_whatever_it_says() -> None:
    pages = [head("aardvark"), head("badger"), head("cormorant")]
    assert all(judged(pages, at) == pages[at] for at in range(3))


def test_where_too_few_pages_are_known_nothing_changes() -> None:
    pages = [head("Signed by Thomas Arkwright"), page()]
    assert judged(pages, 0) == pages[0]


def test_a_row_that_others_have_as_a_running_line_is_one() -> None:
    pages = [page(("Works of the year", 950)), foot("Works of the year"), page()]
    after = judged(pages, 0)
    assert "Works of the year" not in after.text
    assert after.blocks[-1].kind is BlockKind.PAGE_FOOTER


def test_a_row_that_only_repeats_is_kept_once() -> None:
    pages = [page(("IBAN GB00 7730 1182", 950)) for _ in range(4)]
    told = ["IBAN" in judged(pages, at).text for at in range(4)]
    assert told == [True, False, False, False]


def test_numbers_may_rise_with_the_pages() -> None:
    pages = [page((f"Sheet {number} of the set", 950)) for number in range(7, 11)]
    assert ["Sheet" in judged(pages, at).text for at in range(4)] == [True, False, False, False]


@pytest.mark.parametrize(
    "lines",
    [
        [("Total 203", 950), ("Total 187", 950), ("Total 94", 950)],
        [("The same words", 950), ("The same words", 900), ("The same words", 978)],
        [("The same words", 850), ("The same words", 850), ("The same words", 850)],
    ],
    ids=["other numbers", "other places", "not at the edge"],
)
def test_rows_that_only_look_alike_stay(lines: list[tuple[str, float]]) -> None:
    pages = [page(each) for each in lines]
    assert all(judged(pages, at) == pages[at] for at in range(3))


def test_headings_stay_however_often_they_stand_there() -> None:
    pages = [page(("Results", 40), kind=BlockKind.HEADING) for _ in range(5)]
    assert judged(pages, 4) == pages[4]


def test_a_page_that_lies_on_its_side_is_judged_as_it_is_read() -> None:
    def turned(upright: PageText) -> PageText:
        """The same on a page that is turned by 90° clockwise to be read."""
        lines = []
        for each in upright.lines:
            x0, y0, x1, y1 = each.bbox
            quad = (y0, WIDTH - x0, y0, WIDTH - x1, y1, WIDTH - x1, y1, WIDTH - x0)
            lines.append(Line(each.text, (y0, WIDTH - x1, y1, WIDTH - x0), 1.0, quad))
        return replace(upright, lines=tuple(lines), rotation=90)

    pages = [turned(page(("Works of the year", 950))), foot("Works of the year"), page()]
    lying = edges_of(1, pages[0], HEIGHT, WIDTH)
    assert lying is not None
    assert "Works" not in judged_again(pages[0], lying, [edges(2, pages[1]), edges(3, pages[2])]).text


def test_a_page_without_blocks_is_not_judged() -> None:
    assert edges_of(1, PageText("text"), WIDTH, HEIGHT) is None
