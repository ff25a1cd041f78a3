"""Numbers of lines: beside each line, or each fifth, as depositions, drafts, patents and poems have them.

They stand below each other in a margin or between two columns, and rise as the lines do: from one to the next by 1, or
by 5 or 10 over as many lines. Numbered paragraphs rise in the same way, but theirs begin with large letters; numbers
beside each line are told by the sentences that go on in the next one. An engine joins a number and its line, so they
are parted before a layout model sees them; then the numbers are kept as running lines, and the text is read without.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from actors.content.letter_widths import weight
from actors.content.line_part import line_part
from actors.content.piece import Piece, size_of_lines
from cluster.page_text import Line

STEPS = {1: 8, 5: 3, 10: 3}
"""By how much numbers rise, and how many must do so."""

TRUE = 0.8
"""The share of neighbours that rise as their lines do; an engine misses or misreads some."""

GOING_ON = 0.25
"""The share of lines beside their numbers that begin with a small letter."""

LONG = 30
"""Characters of most of these lines, at least: what is shorter may be an item of a list."""

_FIRST = re.compile(r"(\d{1,4})(?:\s+(?=\S)|(?=[^\W\d_]))")
_LAST = re.compile(r"\s(\d{1,4})$")
_ALONE = re.compile(r"\d{1,4}")


@dataclass(frozen=True, slots=True)
class _Number:
    """cut: where the line's text parts, None where the number stands alone. beside: the text that it is joined to."""

    place: int
    value: int
    x: float
    y: float
    cut: int | None = None
    beside: str = ""


def line_numbers(pieces: Sequence[Piece], size: float) -> frozenset[int]:
    """Places of the pieces that are nothing but the number of a line. size: the height of the page's text."""
    alone = [
        _Number(piece.place, int(piece.text), (piece.box[0] + piece.box[2]) / 2, piece.middle)
        for piece in pieces
        if _ALONE.fullmatch(piece.text)
    ]
    found = _rising(alone, [(piece.box[0], piece.middle, piece.box[2], piece.text) for piece in pieces], size)
    return frozenset(number.place for number in found)


def with_numbers_parted(lines: Sequence[Line], upright: Sequence[Line]) -> tuple[Line, ...]:
    """The lines, with numbers that were read together with their lines as lines of their own, before them or behind.

    upright: the same lines on the page turned upright and straightened."""
    numbers = [number for place, line in enumerate(upright) for number in _candidates(place, line)]
    rows = [(line.bbox[0], (line.bbox[1] + line.bbox[3]) / 2, line.bbox[2], line.text) for line in upright]
    cuts = {number.place: number.cut for number in _rising(numbers, rows, size_of_lines(upright)) if number.cut}
    result: list[Line] = []
    for place, line in enumerate(lines):
        cut = cuts.get(place)
        if cut is None:
            result.append(line)
            continue
        share = _share(line.text, cut)
        result.append(line_part(line, line.text[:cut].strip(), 0.0, share))
        result.append(line_part(line, line.text[cut:].strip(), share, 1.0))
    return tuple(result)


def _share(text: str, cut: int) -> float:
    weights = [weight(each) for each in text]
    return sum(weights[:cut]) / max(sum(weights), 1e-9)


def _candidates(place: int, line: Line) -> list[_Number]:
    x0, y0, x1, y1 = line.bbox
    y = (y0 + y1) / 2
    text = line.text.strip()
    if _ALONE.fullmatch(text):
        return [_Number(place, int(text), (x0 + x1) / 2, y)]
    found: list[_Number] = []
    if first := _FIRST.match(line.text):
        middle = x0 + (x1 - x0) * _share(line.text, first.end(1)) / 2
        found.append(_Number(place, int(first[1]), middle, y, first.end(), line.text[first.end() :]))
    if last := _LAST.search(line.text):
        middle = x1 - (x1 - x0) * (1 - _share(line.text, last.start(1))) / 2
        found.append(_Number(place, int(last[1]), middle, y, last.start(1), line.text[: last.start()]))
    return found


def _rising(numbers: Sequence[_Number], rows: Sequence[tuple[float, float, float, str]], size: float) -> list[_Number]:
    """Those that stand below each other and rise as the rows do. rows: left, middle down the page, right, text."""
    if len(numbers) < min(STEPS.values()):
        return []
    pitch = _pitch(rows, size)
    found: list[_Number] = []
    left = sorted(numbers, key=lambda number: number.x)
    while left:
        column = [number for number in left if number.x - left[0].x < size]
        left = left[len(column) :]
        column.sort(key=lambda number: number.y)
        for step, fewest in STEPS.items():
            good = [(a, b) for a, b in pairwise(column) if _rises(a, b, step, pitch)]
            members = sorted({number for pair in good for number in pair}, key=lambda number: number.y)
            enough = len(members) >= fewest and len(good) >= TRUE * (len(column) - 1)
            if enough and (step > 1 or _go_on(members, rows, size)):
                found += members
                break
    return found


def _rises(above: _Number, below: _Number, step: int, pitch: float) -> bool:
    """Whether there are as many lines between as the numbers say: a few more, where stanzas stand apart."""
    rise = below.value - above.value
    if rise <= 0 or rise % step:
        return False
    return 0.85 * rise * pitch < below.y - above.y < 1.4 * rise * pitch


def _go_on(numbers: Sequence[_Number], rows: Sequence[tuple[float, float, float, str]], size: float) -> bool:
    """Whether many of their lines begin in the middle of a sentence."""
    texts = [number.beside or _beside(number, rows, size) for number in numbers]
    long = median(map(len, texts)) >= LONG
    return long and sum(text[:1].islower() for text in texts) >= GOING_ON * len(numbers)


def _beside(number: _Number, rows: Sequence[tuple[float, float, float, str]], size: float) -> str:
    """The text nearest to it in its row."""
    others = [row for row in rows if abs(row[1] - number.y) < size / 2 and not row[0] < number.x < row[2]]
    nearest = min(others, key=lambda row: max(row[0] - number.x, number.x - row[2]), default=None)
    return nearest[3] if nearest else ""


def _pitch(rows: Sequence[tuple[float, float, float, str]], size: float) -> float:
    """The usual way from a line to the one below it."""
    ordered = sorted((row for row in rows if len(row[3]) > 10), key=lambda row: row[1])
    ways: list[float] = []
    for place, (x0, y, x1, _) in enumerate(ordered):
        for other in ordered[place + 1 : place + 9]:
            if other[1] - y > size / 2 and min(x1, other[2]) - max(x0, other[0]) > 2 * size:
                ways.append(other[1] - y)
                break
    return median(ways) if ways else size
