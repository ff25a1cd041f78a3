"""Paragraphs: rows of one part of a page cut where a new paragraph or item begins, and joined to running text.

A new paragraph begins where the rows stand clearly further apart than they mostly do, where a row is set in (or, in
hanging paragraphs, is not), where the letters become much larger or smaller, or where the row above ends a sentence
and leaves room in which the next word would have stood. Rows that all leave such room (a poem, an address) are lines
of one paragraph, and so are rows of labels and values. A paragraph that ends without a stop goes on in the next one
that begins with a small letter, in the next column or behind a figure.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from actors.content.direction import around, unspaced
from actors.content.draft import Draft, draft_of
from actors.content.hyphens import HYPHENS, SOFT, flowing, joined_lines
from actors.content.letter_widths import letter_width
from actors.content.lists import Marker, item_starts
from actors.content.rows import Row
from cluster.page_text import BlockKind

INDENT = 0.6
"""A row is set in by at least this much, in heights of a row."""

APART = 1.45
"""Rows stand apart where the way from one to the next is this many times the usual one."""

LABEL = 25
"""Characters: what is shorter and stands alone may be a label."""

GAPPED = 1.5
"""White space in a row that is so many heights wide stands between a label and its value, where most rows have it."""

CAPTION = 60
"""Characters of a caption that no model told, at most."""

_STOPS = ".!?:;…。！？؟۔।"
_CLOSING = "\"'”’»)]}”」』"
_NAMES = "fig|figure|table|tab|plate|abb|abbildung|tabelle|tafel"
_CAPTIONED = re.compile(rf"(?:{_NAMES})\b\.?\s?[\divx]{{1,4}}\b", re.IGNORECASE)
_FLOATING = (BlockKind.FIGURE, BlockKind.CAPTION, BlockKind.TABLE, BlockKind.FOOTNOTE)


def paragraphs(rows: Sequence[Row], words: frozenset[str], listed: bool = False) -> list[Draft]:
    """Drafts of kind PARAGRAPH and LIST_ITEM. listed: the layout model sees a list."""
    if not rows:
        return []
    markers = item_starts([row.text for row in rows], listed)
    breaks = _breaks(rows, markers)
    drafts: list[Draft] = []
    start = 0
    for end in [*(i for i in range(1, len(rows)) if breaks[i] == "new"), len(rows)]:
        lined = [i for i in range(start + 1, end) if breaks[i] == "line"]
        drafts.append(_draft(rows[start:end], markers[start], [i - start for i in lined], words))
        start = end
    return drafts


def ends_open(text: str) -> bool:
    """Whether a sentence goes on after it."""
    bare = text.rstrip(_CLOSING + " ")
    return bool(bare) and bare[-1] not in _STOPS


def goes_on(text: str) -> bool:
    """Whether it begins in the middle of a sentence: with a small letter."""
    return text[:1].islower()


def continued(drafts: Sequence[Draft], words: frozenset[str]) -> list[Draft]:
    """Paragraphs that go on in a later one, with only figures, tables, captions and footnotes between, made one."""
    result: list[Draft] = []
    for draft in drafts:
        at = None if draft.kind is not BlockKind.PARAGRAPH else _open_place(result, draft)
        if at is None:
            result.append(draft)
        else:
            result[at] = _united(result[at], draft, words)
    return result


def _open_place(drafts: Sequence[Draft], after: Draft) -> int | None:
    """The place of the paragraph that goes on in this one. One between may be a caption that no model told, or an
    inset."""
    skipped: list[Draft] = []
    for place in range(len(drafts) - 1, -1, -1):
        draft = drafts[place]
        if _continues(draft, after):
            return place if all(_interrupts(other, draft, after) for other in skipped) else None
        if draft.kind is BlockKind.PARAGRAPH and not skipped:
            skipped.append(draft)
        elif draft.kind not in _FLOATING:
            return None
    return None


def _interrupts(draft: Draft, before: Draft, after: Draft) -> bool:
    """Whether a paragraph can stand within another: a short row, a caption, other letters, or set in on both
    sides."""
    if draft.rows == 1 and len(draft.text) < CAPTION:
        return after.rows > 1
    if _CAPTIONED.match(draft.text):
        return True
    if not 0.87 < draft.row_height / before.row_height < 1.15:
        return True
    step = INDENT * before.row_height
    return any(draft.box[0] > other.box[0] + step and draft.box[2] < other.box[2] - step for other in (before, after))


def _continues(before: Draft, after: Draft) -> bool:
    if before.kind not in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) or not before.text or not after.text:
        return False
    larger = 1.6 if before.rows == 1 and len(before.text) >= LABEL else 1.25  # a row that begins with a large letter
    if not 1 / larger < after.row_height / before.row_height < 1.25:
        return False
    broken = before.text[-1] in HYPHENS + SOFT and before.text[-2:-1].isalpha()
    if before.rows < 2 and after.rows < 2 and not broken and len(before.text) < LABEL:
        return False  # labels, not prose
    return goes_on(after.text) and (broken or ends_open(before.text))


def _united(before: Draft, after: Draft, words: frozenset[str]) -> Draft:
    return replace(
        before,
        places=before.places + after.places,
        box=around((before.box, after.box)),
        text=joined_lines(before.text, after.text, words),
        row_height=before.row_height if before.rows >= after.rows else after.row_height,
        rows=before.rows + after.rows,
    )


def _draft(rows: Sequence[Row], marker: Marker | None, lined: Sequence[int], words: frozenset[str]) -> Draft:
    """lined: which rows begin a line of their own."""
    texts = [row.text for row in rows]
    if marker is not None:
        texts[0] = texts[0][marker.length :]
    bounds = [0, *lined, len(texts)]
    text = "\n".join(flowing(texts[a:b], words) for a, b in pairwise(bounds))
    kind = BlockKind.PARAGRAPH if marker is None else BlockKind.LIST_ITEM
    return draft_of(kind, rows, text, "" if marker is None else marker.text)


def _breaks(rows: Sequence[Row], markers: Sequence[Marker | None]) -> list[str]:
    """For each row whether it begins a paragraph (``new``), a line (``line``), or goes on (empty)."""
    height = median(row.height for row in rows)
    ways = [below.middle - above.middle for above, below in pairwise(rows)]
    usual = _usual(ways, height)
    left, hanging = _left_edge(rows, height)
    ends = sorted(row.box[2] for row in rows)
    right = ends[-1 - len(ends) // 8]
    gapped = sum(map(_is_gapped, rows)) * 2 > len(rows)
    breaks = ["new"]
    start = 0
    for i in range(1, len(rows)):
        above, row = rows[i - 1], rows[i]
        resized = _is_resized(above, row)
        far = ways[i - 1] > usual * APART + 0.1 * height
        if markers[start]:
            set_off = _leaves_item(rows[start], above, row, height)
        else:
            set_off = _set_off(rows, i, left, hanging, height)
        if markers[i] or far or resized or set_off:
            breaks.append("new")
            start = i
        elif gapped and (_is_gapped(above) or _is_gapped(row)):
            breaks.append("line")
        elif _leaves_room(above, row, right, height):
            lined = ends_open(above.text) or _all_short(rows, right, height)
            breaks.append("line" if lined else "new")
            start = start if lined else i
        else:
            breaks.append("")
    return _all_lined(rows, breaks)


def _is_resized(above: Row, row: Row) -> bool:
    """Whether letters become larger or smaller. Boxes say it alone of short rows: a raised mark makes one higher."""
    shortest = min(len(row.text), len(above.text))
    if 0.72 < row.height / above.height < 1.4 or shortest <= 3:
        return False
    widths = [letter_width(each.text, each.box[2] - each.box[0]) for each in (above, row)]
    return shortest < LABEL or not 0.87 < widths[1] / widths[0] < 1.15


def _is_gapped(row: Row) -> bool:
    return any(b.box[0] - a.box[2] > GAPPED * row.height for a, b in pairwise(row.pieces))


def _all_lined(rows: Sequence[Row], breaks: list[str]) -> list[str]:
    """Where most rows are lines of their own, so is the longest, which leaves no room by which it could be told."""
    lines, joined = breaks.count("line"), breaks.count("")
    if joined != 1 or not lines or rows[breaks.index("")].text[:1].islower():
        return breaks
    return ["line" if each == "" else each for each in breaks]


def _usual(ways: Sequence[float], height: float) -> float:
    """The usual way from one row's middle to the next one's. Of two or three rows the shortest."""
    if not ways:
        return height
    ordered = sorted(ways)
    return max(ordered[0] if len(ordered) < 3 else ordered[(len(ordered) - 1) // 2], height * 0.6)


def _left_edge(rows: Sequence[Row], height: float) -> tuple[float, bool]:
    """The left edge of most rows, and whether paragraphs hang: begin left of it."""
    starts = sorted(row.box[0] for row in rows)
    best, count = starts[0], 0
    for start in starts:
        near = bisect_right(starts, start + height * INDENT * 0.8) - bisect_left(starts, start - height * 0.3)
        if near > count:
            best, count = start, near
    outside = sum(other < best - height * INDENT for other in starts)
    return best, 0 < outside < count


def _set_off(rows: Sequence[Row], i: int, left: float, hanging: bool, height: float) -> bool:
    """Whether the row's left edge says that a paragraph begins."""
    step = INDENT * height
    indent, above = rows[i].box[0] - left, rows[i - 1].box[0] - left
    if _centred(rows, i) and indent > step:
        return False
    if hanging:
        return indent < -step and len(rows) > 2
    if indent > step:
        return above < indent - step
    return False


def _leaves_item(item: Row, above: Row, row: Row, height: float) -> bool:
    """Whether the row stands left of an item's rows, and so belongs to it no more."""
    step = INDENT * height
    hangs = above is not item and above.box[0] > item.box[0] + step
    return row.box[0] < item.box[0] + (step / 2 if hangs else -step)


def _centred(rows: Sequence[Row], i: int) -> bool:
    """Whether the row and the one above stand around one middle, with different lengths."""
    a, b = rows[i - 1].box, rows[i].box
    height = rows[i].height
    return abs((a[0] + a[2]) - (b[0] + b[2])) < height and abs(a[0] - b[0]) > height


def _leaves_room(above: Row, row: Row, right: float, height: float) -> bool:
    """Whether the row's first word, and more, would have fitted at the end of the row above."""
    if not row.text or not above.text or above.text[-1] in HYPHENS + SOFT:
        return False
    first = row.text[0] if unspaced(row.text[0]) else row.text.split(" ", 1)[0]
    width = (row.box[2] - row.box[0]) * len(first) / len(row.text)
    room = right - above.box[2]
    if row.text[0].islower():
        return False
    return room > width + (1.0 if not ends_open(above.text) else 3.0) * height


def _all_short(rows: Sequence[Row], right: float, height: float) -> bool:
    """Whether hardly a row goes on in the next."""
    open_rows = sum(not _leaves_room(a, b, right, height) for a, b in pairwise(rows))
    return len(rows) > 2 and open_rows * 3 <= len(rows)
