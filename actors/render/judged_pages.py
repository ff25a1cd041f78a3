"""A document's pages on their way to the outputs, with running lines judged by the pages around each.

Four pages on either side are looked at, so that headers of left and right pages meet their like; of those before only
what stands at their edges is kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from actors.content.repeated_lines import PageEdges, edges_of, judged_again
from actors.outputs.page import OutputPage
from actors.render.stored_pages import PageGroup

AROUND = 4


async def judged_pages(groups: AsyncGenerator[PageGroup, None]) -> AsyncGenerator[PageGroup, None]:
    """The same pages in the same order, each up to ``AROUND`` pages later."""
    before: deque[PageEdges] = deque(maxlen=AROUND)
    waiting: deque[tuple[OutputPage, PageEdges | None]] = deque()
    async with aclosing(groups):
        async for group in groups:
            waiting.extend((page, _edges(page)) for page in group)
            if len(waiting) > AROUND:
                yield [_judged(waiting, before) for _ in range(len(waiting) - AROUND)]
    if waiting:
        yield [_judged(waiting, before) for _ in range(len(waiting))]


def _judged(waiting: deque[tuple[OutputPage, PageEdges | None]], before: deque[PageEdges]) -> OutputPage:
    """The first of those that wait."""
    page, own = waiting.popleft()
    if page.result is None or own is None:
        return page
    after = [edges for _, edges in waiting if edges is not None]
    around = [edges for edges in (*before, *after) if abs(edges.number - own.number) <= AROUND]
    before.append(own)
    return replace(page, result=replace(page.result, read=judged_again(page.result.read, own, around)))


def _edges(page: OutputPage) -> PageEdges | None:
    result = page.result
    return None if result is None else edges_of(page.number, result.read, result.width, result.height)
