"""Headings: which rows are one where no model says so, and how deep they stand.

The title is ``#``. A numbered heading stands as deep as its number (``2.`` is ``##``, ``2.1`` is ``###``); of the
others those in the largest letters are ``##``, in the next size ``###``, and so on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actors.content.draft import Draft
from actors.content.paragraphs import ends_open, goes_on
from cluster.page_text import BlockKind

LARGER = 1.3
"""A heading's letters are this many times as high as the page's text, where nothing else tells it."""

TITLE = 1.6
SAME = 1.2
"""Sizes that differ by less are one: what an engine's boxes tell of them differs by so much."""

LONGEST, MOST_ROWS = 120, 3
"""Characters and rows of a heading."""

DEEPEST = 5

_NUMBER = re.compile(r"(?:[A-Z](?=[.·)])|\d{1,3})((?:[.·]\d{1,2})*)[.)]?\s+\S")
_HEADINGS = (BlockKind.TITLE, BlockKind.HEADING)


def looks_like_heading(draft: Draft, size: float) -> bool:
    """Whether a paragraph is short and in larger letters than the page's text."""
    if draft.kind is not BlockKind.PARAGRAPH or draft.rows > MOST_ROWS or not 3 <= len(draft.text) <= LONGEST:
        return False
    letters = sum(map(str.isalpha, draft.text))
    return draft.row_height >= LARGER * size and letters * 2 > len(draft.text) and not draft.text[0].islower()


def with_headings(drafts: Sequence[Draft], size: float) -> list[Draft]:
    """Paragraphs that look like headings made headings; the first heading, in the largest letters, the title."""
    result = list(drafts)
    for place, draft in enumerate(drafts):
        if looks_like_heading(draft, size) and not _goes_on_in(draft, drafts[place + 1 : place + 2]):
            result[place] = replace(draft, kind=BlockKind.HEADING)
    if any(draft.kind is BlockKind.TITLE for draft in result):
        return result
    first = next((place for place, draft in enumerate(result) if draft.kind in _HEADINGS), None)
    if first is not None and _is_title(result, first, size):
        result[first] = replace(result[first], kind=BlockKind.TITLE)
    return result


def without_prose(drafts: Sequence[Draft], size: float) -> list[Draft]:
    """Headings in the text's size that are prose made paragraphs: those of many rows, and the end of a sentence at the
    head of a column, in small letters, behind a paragraph that ends open or with a full stop of its own."""
    result = list(drafts)
    before = ""
    for place, draft in enumerate(drafts):
        small = draft.kind is BlockKind.HEADING and draft.row_height < SAME * size
        end = goes_on(draft.text) and (ends_open(before) or not ends_open(draft.text))
        if small and (end or (draft.rows > MOST_ROWS and len(draft.text) > LONGEST)):
            result[place] = replace(draft, kind=BlockKind.PARAGRAPH)
        if draft.kind is BlockKind.PARAGRAPH:
            before = draft.text
    return result


def _goes_on_in(draft: Draft, following: Sequence[Draft]) -> bool:
    return bool(following) and ends_open(draft.text) and goes_on(following[0].text)


def _is_title(drafts: Sequence[Draft], place: int, size: float) -> bool:
    """Whether the heading stands above all text, in letters larger than any other's."""
    title = drafts[place]
    if title.row_height < TITLE * size or any(len(draft.text) > LONGEST for draft in drafts[:place]):
        return False
    return all(draft.row_height < title.row_height for draft in drafts if draft is not title)


def with_levels(drafts: Sequence[Draft]) -> list[Draft]:
    heights = _ranks([draft.row_height for draft in drafts if _unnumbered(draft)])
    return [
        replace(draft, text=" ".join(draft.text.split()), level=_level(draft, heights))
        if draft.kind in _HEADINGS
        else draft
        for draft in drafts
    ]


def _level(draft: Draft, heights: Sequence[float]) -> int:
    if draft.kind is BlockKind.TITLE:
        return 1
    if match := _NUMBER.match(draft.text):
        return min(2 + len(re.findall(r"\d+", match[1])), DEEPEST)
    return min(2 + sum(height > draft.row_height * SAME for height in heights), 4)


def _unnumbered(draft: Draft) -> bool:
    return draft.kind is BlockKind.HEADING and not _NUMBER.match(draft.text)


def _ranks(heights: Sequence[float]) -> list[float]:
    """The sizes that headings come in, the largest first; sizes that are nearly the same are one."""
    result: list[float] = []
    for height in sorted(heights, reverse=True):
        if not result or height < result[-1] / SAME:
            result.append(height)
    return result
