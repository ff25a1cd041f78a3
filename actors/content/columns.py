"""Columns: in which order the parts of a page are read, by the white space between them.

A page is cut into bands by white space across its whole width. Neighbouring bands that share a gutter, white space
down the page with text on both sides, are columns of one text: they are cut at the gutter, and what is left of it is
read first. Each side is cut in the same way again. So a heading across two columns is read before both, and a
three-column article under a one-column introduction after it. Where nothing can be cut, since a part reaches into the
gutter (an inset, a pull quote), that part is taken out, the others are cut, and it is put back beside what stands
left of it.

Parts are boxes in the frame (actors/content/direction.py): lines, or whole blocks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from actors.content.direction import around
from cluster.page_text import Box

GUTTER = 0.4
"""The narrowest gutter between lines, in heights of the page's text."""

BLOCK_GUTTER = 0.15
"""The narrowest between whole blocks, which no space between words is taken for. On a worn page lines reach further
than their letters do."""

NARROWEST = 4.0
"""Columns are at least this wide, in heights of the page's text: what is narrower is numbers or labels beside a text,
and is read row by row."""

SHORTEST = 2.2
"""Columns stand side by side over this many heights of the page's text at least: less is a row or two."""

SLACK_X, SLACK_Y = 0.1, 0.3
"""By how much boxes may overlap, in heights of the page's text: engines draw them wider than the ink."""

ROW = 1.8
"""A part of one row is at most so high, in heights of the page's text."""

ASIDE = 1.5
"""What begins so far from a column's left edge, and is no nearer to its middle, is no heading of it."""

FAR = 2.5
"""Headlines that are no wider than a column stand so far below the columns above, in heights of the page's text."""

MOST_BANDS = 400
"""More are not looked at together: time grows with their square."""

_DEEPEST = 12

Span = tuple[float, float]

Paired = Callable[[Sequence[int], Sequence[int]], bool]
"""Whether the parts at these places, left and right of a gutter, are labels and their values, read row by row."""


def columns(boxes: Sequence[Box], size: float, gutter: float = GUTTER, paired: Paired | None = None) -> list[list[int]]:
    """Places of the boxes, in groups: each is read from top to bottom, row by row, and the groups one after the other.

    size: the height of the page's text. gutter: the narrowest, in such heights. paired: sides that are no columns.
    """
    cutter = _Cutter(boxes, size, gutter, paired or _never)
    return [group for group in cutter.read(list(range(len(boxes))), _DEEPEST) if group]


def in_order(boxes: Sequence[Box], size: float, paired: Paired | None = None) -> list[int]:
    """Places of boxes of whole blocks as they are read, one after the other."""
    return [place for group in columns(boxes, size, BLOCK_GUTTER, paired) for place in group]


def _never(left: Sequence[int], right: Sequence[int]) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class _Run:
    """Bands up to ``end``, and the gutters that they share. insets: parts that reach over them."""

    end: int
    gutters: tuple[Span, ...] = ()
    insets: tuple[int, ...] = ()


class _Cutter:
    def __init__(self, boxes: Sequence[Box], size: float, gutter: float, paired: Paired) -> None:
        self._whole = boxes
        self._paired = paired
        self._size = size
        self._gutter = gutter * size
        self._boxes = [_shrunk(box, size) for box in boxes]

    def read(self, places: list[int], depth: int) -> list[list[int]]:
        """The groups of these parts."""
        bands = self._bands(places)
        if depth == 0:
            return [[place for band in bands for place in band]]
        groups: list[list[int]] = []
        plain: list[int] = []
        pairs = self._pairs(bands)
        start = 0
        while start < len(bands):
            if start in pairs:
                plain += [place for band in bands[start : pairs[start]] for place in band]
                start = pairs[start]
                continue
            run = self._run(bands[: min((pair for pair in pairs if pair > start), default=None)], start)
            if run.gutters:
                groups += [plain, *self._cut(bands[start : run.end], run, depth)]
                plain = []
            elif len(bands[start]) > 2 and (apart := self._without_inset(bands[start], depth)):
                groups += [plain, *apart]
                plain = []
            else:
                plain += bands[start]
            start = run.end
        return [*groups, plain]

    def _pairs(self, bands: list[list[int]]) -> dict[int, int]:
        """From which band to before which one labels stand beside their values: bands of two parts, evenly apart."""
        found: dict[int, int] = {}
        start = 0
        while start < len(bands):
            end, pitch = start, 0.0
            while end < len(bands) and self._is_pair(bands[end]):
                way = self._whole[bands[end][0]][1] - self._whole[bands[end - 1][0]][1] if end > start else 0.0
                if pitch and way > 1.6 * pitch:
                    break
                pitch = way or pitch
                end += 1
            if end - start > 1 and self._paired(*map(list, zip(*bands[start:end], strict=True))):
                found[start] = end
            start = max(end, start + 1)
        return found

    def _is_pair(self, band: list[int]) -> bool:
        if len(band) != 2 or any(self._height(place) > ROW * self._size for place in band):
            return False
        return self._boxes[band[1]][0] - self._boxes[band[0]][2] >= self._gutter

    def _cut(self, bands: list[list[int]], run: _Run, depth: int) -> list[list[int]]:
        """The groups of a run: its columns, and its insets put back."""
        places = [place for band in bands for place in band if place not in run.insets]
        sides = self._sides(places, run.gutters)
        groups = [group for side in sides for group in self.read(side, depth - 1) if group]
        for inset in run.insets:
            groups = self._with(groups, inset)
        return groups

    def _bands(self, places: list[int]) -> list[list[int]]:
        """Parts cut by white space across, from top to bottom; inside a band by rows."""
        bands: list[list[int]] = []
        bottom = float("-inf")
        for place in sorted(places, key=lambda place: (self._boxes[place][1], self._boxes[place])):
            _, top, _, low = self._boxes[place]
            if top >= bottom:
                bands.append([])
            bands[-1].append(place)
            bottom = max(bottom, low)
        return [self._by_rows(band) for band in bands]

    def _by_rows(self, band: list[int]) -> list[int]:
        """Parts whose tops differ by less than half a line stand in one row."""
        tops: dict[float, float] = {}
        row = float("-inf")
        for top in sorted(self._whole[place][1] for place in band):
            if top - row > self._size / 2:
                row = top
            tops[top] = row
        return sorted(band, key=lambda place: (tops[self._whole[place][1]], self._whole[place][0], self._whole[place]))

    def _run(self, bands: list[list[int]], start: int) -> _Run:
        """The longest run of bands from ``start`` that share a gutter; one band and no gutters where there is none."""
        longest: dict[int, _Run] = {}  # by the number of gaps
        covered: list[Span] = []
        insets: list[int] = []
        widest = around(self._boxes[place] for band in bands[start:] for place in band)
        for end in range(start + 1, min(len(bands), start + MOST_BANDS) + 1):
            band = bands[end - 1]
            before, covered = covered, _united(covered, self._spans(band))
            if not self._gaps(covered) and (inset := self._inset(band, self._gaps(before))) is not None:
                insets.append(inset)
                covered = _united(before, self._spans([place for place in band if place != inset]))
            if len(covered) == 1 and covered[0][1] - covered[0][0] > 0.9 * (widest[2] - widest[0]):
                break
            gaps = self._gaps(covered)
            if (not gaps and len(covered) > 1) or self._begins_anew(bands, start, end, before, gaps):
                break
            if gaps:
                longest[len(gaps)] = _Run(end, tuple(gaps), tuple(insets))
        for run in sorted(longest.values(), key=lambda run: -run.end):
            places = [place for band in bands[start : run.end] for place in band if place not in run.insets]
            if gutters := self._sound(places, list(run.gutters)):
                return self._trimmed(bands, start, replace(run, gutters=tuple(gutters)))
        return _Run(start + 1)

    def _begins_anew(self, bands: list[list[int]], start: int, end: int, covered: list[Span], gaps: list[Span]) -> bool:
        """Whether three columns or more have ended and the last band begins others further below, as a newspaper's next
        articles do: a headline over some of them. The columns end at one height, or headlines stand side by side.

        covered: by the bands above. gaps: those that the last one leaves."""
        gutters = self._gaps(covered)
        if not 0 < len(gaps) <= len(gutters) or len(gutters) < 2:
            return False
        sides = self._sides([place for band in bands[start : end - 1] for place in band], gutters)
        lows = [max((self._whole[place][3] for place in side), default=float("inf")) for side in sides]
        heads = bands[end - 1]
        tops = [self._whole[place][1] for place in heads]
        if min(tops) - max(lows) <= (ASIDE if len(gaps) < len(gutters) else FAR) * self._size:
            return False
        level = max(tops) - min(tops) < self._size and all(self._height(p) < 2 * ROW * self._size for p in heads)
        if len(gaps) == len(gutters):  # headlines that are no wider than a column
            return level and len(heads) > 1 and all(self._height(place) > 1.1 * self._size for place in heads)
        return max(lows) - min(lows) < ASIDE * self._size or (level and all(self._sides(heads, gaps)))

    def _spans(self, places: list[int]) -> list[Span]:
        return [(self._boxes[place][0], self._boxes[place][2]) for place in places]

    def _gaps(self, covered: list[Span]) -> list[Span]:
        return [(a[1], b[0]) for a, b in pairwise(covered) if b[0] - a[1] >= self._gutter]

    def _inset(self, band: list[int], gaps: list[Span]) -> int | None:
        """The one part of the band that reaches over all gaps, with others on both sides of it."""
        over = [p for p in band if gaps and all(self._boxes[p][0] < b and self._boxes[p][2] > a for a, b in gaps)]
        if len(over) != 1:
            return None
        x0, _, x1, _ = self._boxes[over[0]]
        left, right = (any(self._boxes[p][2] <= x0 for p in band), any(self._boxes[p][0] >= x1 for p in band))
        return over[0] if left and right else None

    def _sound(self, places: list[int], gutters: list[Span]) -> list[Span]:
        """The gutters that have columns on both sides: wide enough, and side by side for long enough."""
        sides = self._sides(places, gutters)
        at = 0
        while at < len(gutters):
            if self._are_columns(sides[at], sides[at + 1]):
                at += 1
                continue
            gutters = gutters[:at] + gutters[at + 1 :]
            sides[at : at + 2] = [sides[at] + sides[at + 1]]
            at = max(0, at - 1)  # what is left of it has another neighbour now
        return gutters

    def _are_columns(self, left: list[int], right: list[int]) -> bool:
        if not left or not right:
            return False
        a, b = (around(self._whole[place] for place in side) for side in (left, right))
        if min(a[3], b[3]) - max(a[1], b[1]) < SHORTEST * self._size:
            return False
        wide = all(
            median(self._whole[place][2] - self._whole[place][0] for place in side) >= NARROWEST * self._size
            for side in (left, right)
        )
        return wide and not self._paired(left, right)

    def _trimmed(self, bands: list[list[int]], start: int, run: _Run) -> _Run:
        """Without bands at its end that lie in the first column alone and belong to what follows: nearer to it than to
        what is above. Without a run where its first band is no part of the columns: a date that lies in a later column
        alone, a row of short parts."""
        end = run.end
        first = self._sides(bands[start], run.gutters)
        if not first[0] and not any(first[2:]) and not self._goes_on(first[1], bands[start + 1 : end], run):
            return _Run(start + 1)
        if self._is_row_across(first, bands[start + 1 : end], run):
            return _Run(start + 1)
        while end < len(bands) and end - start > 1 and not any(self._sides(bands[end - 1], run.gutters)[1:]):
            above, last, below = (around(self._whole[p] for p in band) for band in bands[end - 2 : end + 1])
            if last[1] - above[3] <= below[1] - last[3]:
                break
            end -= 1
        return replace(run, end=end)

    def _goes_on(self, first: list[int], bands: list[list[int]], run: _Run) -> bool:
        """Whether the second column begins with these parts: the next of it is near below, at the same left edge."""
        column = self._sides([place for band in bands for place in band], run.gutters)[1]
        if not column:
            return False
        above, below = around(self._whole[p] for p in first), self._whole[min(column, key=lambda p: self._whole[p][1])]
        return below[1] - above[3] < 1.5 * self._size and abs(below[0] - above[0]) < self._size

    def _is_row_across(self, first: list[list[int]], bands: list[list[int]], run: _Run) -> bool:
        """Whether these parts are one row above the columns, as a subtitle and a date are: one of them begins where no
        column does, and none is a later column's heading, at its left edge or in its middle."""
        parts = [place for side in first for place in side]
        if not first[0] or len(parts) < 2 or any(self._height(place) > ROW * self._size for place in parts):
            return False
        sides = self._sides([place for band in bands for place in band], run.gutters)
        for side, column in zip(first[1:], sides[1:], strict=True):
            if not side:
                continue
            if len(side) > 1 or not column:
                return False
            x0, _, x1, _ = self._whole[side[0]]
            left, _, right, _ = around(self._whole[place] for place in column)
            if x0 - left < ASIDE * self._size or abs((x0 + x1) - (left + right)) < 2 * ASIDE * self._size:
                return False
        return any(first[1:])

    def _height(self, place: int) -> float:
        return self._whole[place][3] - self._whole[place][1]

    def _sides(self, places: list[int], gutters: Sequence[Span]) -> list[list[int]]:
        """The parts left of the first gutter, between it and the next, and so on."""
        sides: list[list[int]] = [[] for _ in range(len(gutters) + 1)]
        middles = [(start + end) / 2 for start, end in gutters]
        for place in places:
            x0, _, x1, _ = self._boxes[place]
            sides[bisect_left(middles, (x0 + x1) / 2)].append(place)
        return sides

    def _without_inset(self, band: list[int], depth: int) -> list[list[int]]:
        """The band's groups with one part put back that kept it from being cut. Empty where no part alone does."""
        for inset in sorted(band, key=lambda place: self._boxes[place][0] - self._boxes[place][2])[:3]:
            others = [place for place in band if place != inset]
            bands = self._bands(others)
            if len(bands) == 1 and not self._run(bands, 0).gutters:
                continue
            groups = [group for group in self.read(others, depth - 1) if group]
            if len(groups) > 1 or len(bands) > 1:
                return self._with(groups, inset)
        return []

    def _with(self, groups: list[list[int]], inset: int) -> list[list[int]]:
        """The inset after the last part of the first group that begins above it; before all where none does."""
        top = self._whole[inset][1]
        group = next((group for group in groups if self._whole[group[0]][1] <= top), groups[0])
        place = sum(self._whole[part][1] <= top for part in group)
        at = groups.index(group)
        return [*groups[:at], [*group[:place], inset, *group[place:]], *groups[at + 1 :]]


def _shrunk(box: Box, size: float) -> Box:
    x0, y0, x1, y1 = box
    dx, dy = min(SLACK_X * size, (x1 - x0) / 4), min(SLACK_Y * size, (y1 - y0) / 4)
    return x0 + dx, y0 + dy, x1 - dx, y1 - dy


def _united(covered: list[Span], spans: list[Span]) -> list[Span]:
    """Spans that cover both, ascending, none touching the next."""
    result: list[Span] = []
    for start, end in sorted([*covered, *spans]):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result
