"""Footnotes that no model told: small print at the foot of a column that begins with a note's mark.

Nothing stands below them in their column but other notes and running lines, and text stands above. How large letters
are is told by how wide they are: a raised mark makes its row as high as those of the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from actors.content.letter_widths import letter_width
from actors.content.part import Part
from actors.content.rows import rows_of
from cluster.page_text import BlockKind

SMALLER = 0.92
"""Letters of notes are narrower than so many times the page's."""

HIGHEST = 0.5
"""Notes begin below this share of the page's height."""

LONG = 15
"""Characters by which the width of letters is judged, at least."""

_MARK = re.compile(r"(?:\d{1,3}|[*†‡§¶]{1,3}|[¹²³⁰⁴-⁹]{1,3}|\[\d{1,3}\]|\(\d{1,3}\))\s?[^\W\d_]")
_TEXT = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)


def with_found_notes(parts: Sequence[Part], height: float) -> list[Part]:
    """The parts, in their order, with such notes told. height: of the page."""
    usual = _letters([part for part in parts if part.kind is BlockKind.PARAGRAPH])
    result = list(parts)
    for place in sorted(range(len(parts)), key=lambda place: -parts[place].box[1]):
        part = result[place]
        if part.kind not in _TEXT or part.box[1] < HIGHEST * height or not _MARK.match(rows_of(part.pieces)[0].text):
            continue
        column = [other for other in result if other is not part and _shares_column(other, part)]
        below = [other for other in column if other.box[3] > part.box[3] and not _may_follow(other)]
        above = any(other.kind is BlockKind.PARAGRAPH and other.box[1] < part.box[1] for other in column)
        if above and not below and _letters([part]) < SMALLER * usual:
            result[place] = replace(part, kind=BlockKind.FOOTNOTE)
    return result


def _may_follow(part: Part) -> bool:
    return part.kind is BlockKind.FOOTNOTE or part.kind.running


def _shares_column(other: Part, part: Part) -> bool:
    return min(other.box[2], part.box[2]) > max(other.box[0], part.box[0])


def _letters(parts: Sequence[Part]) -> float:
    """How wide their letters mostly are; 0 where no line is long enough to say."""
    widths = [
        letter_width(piece.text, piece.width) for part in parts for piece in part.pieces if len(piece.text) >= LONG
    ]
    return median(widths) if widths else 0.0
