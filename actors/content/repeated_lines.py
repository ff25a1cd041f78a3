"""Running lines judged once more, by the pages around: what runs through a document repeats, or always stands there.

A page is arranged alone, so what stands at its edges is judged by its looks. Where two pages around it are known, a
running line of which they have neither the text nor anything at its place is text, unless it is a page number, an
address of the web, or says where the text was published. And a row at a page's edge that is text by its looks is a
running line where it stands at the same place on pages around: on one as a running line, or on two, one of which comes
before, so that what nobody told from text is kept once. Numbers in it may rise with the pages, no others may differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from actors.content import markdown
from actors.content.direction import around
from actors.content.running_marks import is_page_number, is_published, tells_foot
from actors.content.upright import Upright, upright_of
from cluster.page_text import Block, BlockKind, Box, PageText

FEWEST = 2
"""Pages around, with text on them, by which is judged."""

EDGE = 0.12
"""A row that is text by its looks stands in this share of the page's height, at the top or at the bottom."""

PLACE = 0.012
"""Two rows stand at the same place where their middles differ by less, as a share of the page's height."""

ALIKE = 0.8
"""Texts of which so much is the same say the same: engines misread a letter now and then."""

ONE_ROW = 1.6
"""A row's block is at most so many times as high as its lowest line."""

_WORDS = re.compile(r"[^\W\d]+|\d+")


@dataclass(frozen=True, slots=True)
class EdgeBlock:
    """A block at the top or the bottom of a page. place: its place among the page's blocks. y: of its middle, as a
    share of the page's height. words: of its text, without signs and case; numbers are words."""

    place: int
    top: bool
    running: bool
    y: float
    words: tuple[str, ...]

    @property
    def masked(self) -> str:
        return " ".join("0" if word.isdecimal() else word for word in self.words)


@dataclass(frozen=True, slots=True)
class PageEdges:
    """What stands at the edges of page ``number``."""

    number: int
    blocks: tuple[EdgeBlock, ...]


def edges_of(number: int, read: PageText, width: float, height: float) -> PageEdges | None:
    """width, height: of the page as it lies, in the unit of its lines. None of a page without blocks."""
    upright = upright_of(read, width, height)
    boxes = [_box(block, read, upright) for block in read.blocks]
    tall = upright.size[1]
    texts = [box for block, box in zip(read.blocks, boxes, strict=True) if not block.kind.running and block.lines]
    if not read.blocks or tall <= 0:
        return None
    found: list[EdgeBlock] = []
    for place, (block, box) in enumerate(zip(read.blocks, boxes, strict=True)):
        y = (box[1] + box[3]) / 2 / tall
        if block.kind.running:
            found.append(_edge(place, block, y, top=block.kind is BlockKind.PAGE_HEADER))
        elif block.kind is BlockKind.PARAGRAPH and _is_row(block, box, read, upright):
            first = all(box is other or box[3] <= other[1] for other in texts)
            last = all(box is other or box[1] >= other[3] for other in texts)
            if (first and y < EDGE) or (last and y > 1 - EDGE):
                found.append(_edge(place, block, y, top=y < EDGE))
    return PageEdges(number, tuple(found))


def judged_again(read: PageText, own: PageEdges, others: Sequence[PageEdges]) -> PageText:
    """The page with its running lines told by the pages around it. own, others: of ``edges_of``."""
    if len(others) < FEWEST:
        return read
    kinds = {edge.place: kind for edge in own.blocks if (kind := _other_kind(edge, read, own, others)) is not None}
    if not kinds:
        return read
    blocks = tuple(
        replace(block, kind=kinds[place]) if place in kinds else block for place, block in enumerate(read.blocks)
    )
    return replace(read, blocks=blocks, text=markdown.page_text(blocks), markdown=markdown.page_markdown(blocks))


def _other_kind(edge: EdgeBlock, read: PageText, own: PageEdges, others: Sequence[PageEdges]) -> BlockKind | None:
    """What the block is after all; None where it stays what it is."""
    beside = [(page.number, other) for page in others for other in page.blocks if other.top == edge.top]
    if edge.running:
        text = read.blocks[edge.place].text
        known = tells_foot(text) or is_published(text) or any(map(is_page_number, text.split("\n")))
        if known or any((other.running and _same_place(edge, other)) or _alike(edge, other) for _, other in beside):
            return None
        return BlockKind.PARAGRAPH
    same = [
        (number, other)
        for number, other in beside
        if _same_place(edge, other) and _is_same(edge.words, other.words, number - own.number)
    ]
    if any(other.running for _, other in same) or (
        len(same) >= FEWEST and any(number < own.number for number, _ in same)
    ):
        return BlockKind.PAGE_HEADER if edge.top else BlockKind.PAGE_FOOTER
    return None


def _same_place(edge: EdgeBlock, other: EdgeBlock) -> bool:
    return abs(edge.y - other.y) < PLACE


def _alike(edge: EdgeBlock, other: EdgeBlock) -> bool:
    a, b = edge.masked, other.masked
    return a == b or (min(len(a), len(b)) > 5 and SequenceMatcher(None, a, b, autojunk=False).ratio() > ALIKE)


def _is_same(words: Sequence[str], others: Sequence[str], pages: int) -> bool:
    """Whether both say the same, with numbers that are the same or higher by as much as the page. pages: how many pages
    later the others stand."""
    return len(words) == len(others) > 0 and all(
        a == b or (a.isdecimal() and b.isdecimal() and int(b) - int(a) == pages)
        for a, b in zip(words, others, strict=True)
    )


def _edge(place: int, block: Block, y: float, *, top: bool) -> EdgeBlock:
    return EdgeBlock(place, top, block.kind.running, y, tuple(_WORDS.findall(block.text.casefold())))


def _is_row(block: Block, box: Box, read: PageText, upright: Upright) -> bool:
    heights = [line.bbox[3] - line.bbox[1] for line in upright.lines([read.lines[place] for place in block.lines])]
    return bool(heights) and "\n" not in block.text and box[3] - box[1] <= ONE_ROW * min(heights)


def _box(block: Block, read: PageText, upright: Upright) -> Box:
    if upright.changes_nothing or not block.lines:
        return block.bbox
    return around(line.bbox for line in upright.lines([read.lines[place] for place in block.lines]))
