"""Which pages of a document are asked for: ``1-3,7``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cluster.errors import OptionInvalid, PageRangeInvalid

_PART = re.compile(r"^\s*(\d{1,6})\s*(?:-\s*(\d{1,6})\s*)?$")


def check_page_range(text: str) -> str:
    """Returns the range in its shortest spelling, rising, each page once; OptionInvalid says what is wrong with it."""
    return ",".join(f"{a}-{b}" if a != b else f"{a}" for a, b in _spans(text))


def _spans(text: str) -> list[tuple[int, int]]:
    """Rising and apart: however often a page is asked for, it is counted once."""
    spans: list[tuple[int, int]] = []
    for first, last in sorted(_span(part) for part in text.split(",")):
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = spans[-1][0], max(spans[-1][1], last)
        else:
            spans.append((first, last))
    return spans


def _span(part: str) -> tuple[int, int]:
    match = _PART.match(part)
    allowed = "allowed are pages and ranges in rising order, such as `1-3,7`"
    if match is None:
        raise OptionInvalid(f"`pages` has a part `{part[:40]}` that is neither a page nor a range; {allowed}.")
    first, last = int(match[1]), int(match[2] or match[1])
    if first < 1:
        raise OptionInvalid(f"`pages` has a part `{part[:40]}`, but pages are numbered from 1; {allowed}.")
    if last < first:
        raise OptionInvalid(f"`pages` has a range `{part[:40]}` that ends before it begins; {allowed}.")
    return first, last


def select_pages(text: str | None, total_pages: int) -> tuple[int, ...]:
    """The asked pages of a document with ``total_pages``, rising, each once.

    ``None`` asks for all. PageRangeInvalid where a page lies beyond the end.
    """
    if text is None:
        return tuple(range(1, total_pages + 1))
    spans = _spans(text)
    beyond = spans[-1][1]
    if beyond > total_pages:
        raise PageRangeInvalid(f"`pages` asks for page {beyond}, but the document ends with page {total_pages}.")
    return tuple(page for first, last in spans for page in range(first, last + 1))


def spell_pages(pages: Iterable[int]) -> str:
    """The pages' numbers, rising, as short as a range can say them: ``1-3,7``."""
    spans: list[list[int]] = []
    for page in pages:
        if spans and page == spans[-1][1] + 1:
            spans[-1][1] = page
        else:
            spans.append([page, page])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in spans)
