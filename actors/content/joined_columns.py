"""Lines that an engine read across two columns, parted at the gutter between them.

A detector of text joins what stands close, and the gutter of a tight page is hardly wider than the spaces of a
justified line. Where the gutter lies is told by the rows that were not joined: several lines begin at its right edge,
and lines beside them end at its left one. A line of the text's size that reaches over it from column to column may be
joined, or may truly stand across both. It is joined where its words have a space at the gutter: lines that follow
each other are judged together, and strictly where the page's columns are not right above and below them, since one
line in two has a space there by chance.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from actors.content.direction import Direction, direction_of
from actors.content.letter_widths import weight
from actors.content.line_part import line_part
from actors.content.piece import size_of_lines
from cluster.page_text import Box, Line

NARROWEST, WIDEST = 0.15, 2.5
"""A gutter's width, in heights of the page's text. What is wider no detector joins."""

COLUMN = 5.0
"""A column is at least this wide, in the same."""

PAIRS = 3
"""Lines that end at a gutter, and that begin there, on average; one of each must stand side by side."""

MISS, MISS_BROKEN = 1.8, 4.0
"""By how many characters the space of a joined line may miss the gutter, as widths of characters are guessed; a space
behind a broken word's hyphen, which stands at the end of a line, by more."""

SLACK = 0.3
"""By how much lines beside the gutter may reach into it, in heights of the page's text."""


@dataclass(frozen=True, slots=True)
class _Gutter:
    """left, right: its edges. end: of the column right of it. rows: lines beside it that stand side by side."""

    left: float
    right: float
    end: float
    rows: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class _Joined:
    """A line that may be joined: after how many characters its second column would begin, and whether it fits."""

    place: int
    box: Box
    at: int
    fits: bool


def parted(lines: Sequence[Line], upright: Sequence[Line]) -> tuple[Line, ...]:
    """The lines with those parted that are joined, each part at the place of the whole.

    upright: the same lines as they lie on the page turned upright and straightened.
    """
    if direction_of(upright) is not Direction.RIGHTWARD:
        return tuple(lines)
    pairs = list(zip(lines, upright, strict=True))
    size = size_of_lines(upright)
    for _ in range(4):  # each time at one gutter: four columns and more are told from left to right
        done = False
        for gutter in _gutters([line for _, line in pairs], size):
            cuts = {joined.place: joined.at for joined in _joined([line for _, line in pairs], gutter, size)}
            if cuts:
                pairs = [part for place, pair in enumerate(pairs) for part in _halves(pair, cuts.get(place), gutter)]
                done = True
                break
        if not done:
            break
    return tuple(line for line, _ in pairs)


def _gutters(lines: Sequence[Line], size: float) -> list[_Gutter]:
    """From left to right."""
    wide = [line.bbox for line in lines if line.bbox[2] - line.bbox[0] >= COLUMN * size]
    starts, ended = sorted(wide), sorted(wide, key=lambda box: box[2])
    lefts, ends = [box[0] for box in starts], [box[2] for box in ended]
    found: list[_Gutter] = []
    place = 0
    while place < len(starts):
        start = starts[place][0]
        place += 1
        if found and start <= found[-1].right + 2 * size:
            continue
        right = bisect_left(lefts, start), bisect_right(lefts, start + 0.6 * size)
        left = bisect_left(ends, start - WIDEST * size), bisect_right(ends, start - NARROWEST * size)
        if left[1] <= left[0] or left[1] - left[0] + right[1] - right[0] < 2 * PAIRS:
            continue
        if _side_by_side(ended[: left[1]], starts[right[0] : right[1]]):
            found.append(_gutter(wide, ends[left[1] - 1], start, SLACK * size))
    return found


def _gutter(boxes: Sequence[Box], left: float, right: float, slack: float) -> _Gutter:
    """slack: by how much lines of the columns may reach into the gutter."""
    lefts = [box for box in boxes if box[2] <= left + slack]
    rights = [box for box in boxes if box[0] >= right - slack]
    rows = _side_by_side(lefts, rights)
    ends = sorted(box[2] for box in rights if box in rows)
    return _Gutter(left, right, ends[len(ends) * 3 // 4], tuple(sorted(rows)))


def _side_by_side(lefts: Sequence[Box], rights: Sequence[Box]) -> set[Box]:
    """Those of both that have one of the other beside them, over a quarter of the lower one's height."""
    ordered = sorted(rights, key=lambda box: box[1])
    tops = [box[1] for box in ordered]
    highest = max((box[3] - box[1] for box in ordered), default=0.0)
    found: set[Box] = set()
    for box in lefts:
        for other in ordered[bisect_left(tops, box[1] - highest) : bisect_right(tops, box[3])]:
            if min(box[3], other[3]) - max(box[1], other[1]) > 0.25 * min(box[3] - box[1], other[3] - other[1]):
                found |= {box, other}
    return found


def _joined(lines: Sequence[Line], gutter: _Gutter, size: float) -> list[_Joined]:
    character = _character(lines, size)
    over = [
        _judged(place, line, gutter, character)
        for place, line in enumerate(lines)
        if line.bbox[0] < gutter.left - COLUMN * size
        and line.bbox[2] > gutter.right + COLUMN * size / 2
        and 0.6 * size < line.bbox[3] - line.bbox[1] < 1.5 * size
    ]
    over.sort(key=lambda joined: joined.box[1])
    result: list[_Joined] = []
    group: list[_Joined] = []
    for joined in over:
        if group and joined.box[1] - group[-1].box[3] > 0.8 * size:
            result += group if _believed(group, gutter, size) else []
            group = []
        group.append(joined)
    return result + (group if group and _believed(group, gutter, size) else [])


def _judged(place: int, line: Line, gutter: _Gutter, character: float) -> _Joined:
    """Where its second column would begin: at the space by which both parts come out nearest to their columns."""
    x0, _, x1, _ = line.bbox
    weights = [weight(each) for each in line.text]
    before, total = 0.0, sum(weights)
    best, at = float("inf"), 0
    for index, (each, width) in enumerate(zip(line.text, weights, strict=True)):
        if each == " ":
            scale = ((gutter.left - x0) + (x1 - gutter.right)) / max(total - width, 1e-9)
            miss = abs(before * scale - (gutter.left - x0)) / character
            if line.text[index - 1] == "-" and line.text[:index].rstrip("-")[-1:].isalpha():
                miss *= MISS / MISS_BROKEN
            if miss < best:
                best, at = miss, index
        before += width
    return _Joined(place, line.bbox, at, best <= MISS)


def _believed(group: Sequence[_Joined], gutter: _Gutter, size: float) -> bool:
    """Whether these lines, which follow each other, are joined rather than stand across both columns."""
    full = sum(joined.box[2] > gutter.end - size for joined in group)
    if full * 2 < len(group) or not all(joined.at for joined in group):
        return False  # columns that break lines fill them
    fit = sum(joined.fits for joined in group) / len(group)
    top, bottom = group[0].box[1], group[-1].box[3]
    above = any(-0.5 * size < top - row[3] < 0.6 * size for row in gutter.rows)
    below = any(-0.5 * size < row[1] - bottom < 0.6 * size for row in gutter.rows)
    if above and below:
        return fit >= 0.5
    if above or below:
        return fit >= 0.75
    return fit >= 0.9 and len(group) > 7


def _halves(pair: tuple[Line, Line], at: int | None, gutter: _Gutter) -> list[tuple[Line, Line]]:
    if at is None:
        return [pair]
    line, upright = pair
    x0, _, x1, _ = upright.bbox
    end, start = (gutter.left - x0) / (x1 - x0), (gutter.right - x0) / (x1 - x0)
    text = line.text
    return [
        (line_part(line, text[:at], 0.0, end), line_part(upright, text[:at], 0.0, end)),
        (line_part(line, text[at + 1 :], start, 1.0), line_part(upright, text[at + 1 :], start, 1.0)),
    ]


def _character(lines: Sequence[Line], size: float) -> float:
    """The usual width of a character."""
    widths = sorted((line.bbox[2] - line.bbox[0]) / len(line.text) for line in lines if len(line.text) > 10)
    return widths[len(widths) // 2] if widths else size / 2
