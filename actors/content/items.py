"""Items of a list that their own part does not tell: paragraphs numbered on from an item or paragraph beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actors.content.draft import Draft
from actors.content.lists import Marker, marker_of
from cluster.page_text import BlockKind

_KINDS = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)


def with_neighbours(drafts: Sequence[Draft]) -> list[Draft]:
    """Paragraphs that begin with the number or letter before or after that of their neighbour made items."""
    markers = [marker_of(f"{draft.marker} {draft.text}" if draft.marker else draft.text) for draft in drafts]
    result = list(drafts)
    for place, draft in enumerate(drafts):
        marker = markers[place]
        beside = [
            other for other in (place - 1, place + 1) if 0 <= other < len(drafts) and drafts[other].kind in _KINDS
        ]
        if draft.kind is not BlockKind.PARAGRAPH or marker is None:
            continue
        if any(_counts_on(marker, markers[other]) for other in beside):
            text = draft.text[marker.length :]
            result[place] = replace(draft, kind=BlockKind.LIST_ITEM, marker=marker.text, text=text)
    return result


def _counts_on(marker: Marker, other: Marker | None) -> bool:
    if other is None or marker.order is None or other.order is None:
        return False
    return abs(marker.order - other.order) == 1 and marker.text[-1] == other.text[-1]
