"""Footnotes: those at the foot of a column are read after the page's text, so that it goes on in the next column."""

from __future__ import annotations

from collections.abc import Sequence

from actors.content.draft import Draft
from cluster.page_text import BlockKind


def footnotes_last(drafts: Sequence[Draft]) -> list[Draft]:
    """Drafts in reading order. A note that has text right below it, as a table's has, stays where it stands."""
    last = [draft for place, draft in enumerate(drafts) if _at_foot(drafts, place)]
    return [draft for draft in drafts if draft not in last] + last


def _at_foot(drafts: Sequence[Draft], place: int) -> bool:
    note = drafts[place]
    return note.kind is BlockKind.FOOTNOTE and not any(
        other.kind is not BlockKind.FOOTNOTE
        and other.box[1] >= note.box[3] - note.row_height
        and min(other.box[2], note.box[2]) > max(other.box[0], note.box[0])
        for other in drafts
    )
