"""Lists: which rows begin an item, by its bullet or number as engines read them, and how deep items stand.

A sign that is hardly ever anything else (•, ▪, ‣) begins an item wherever it stands. A dash, a star, a lone ``o`` or
a number does where the layout model sees a list, or where at least two rows of a part begin so: numbers must follow
each other, so that a row that begins with a year is none; an ``o``, half of the rows or all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_BULLET = re.compile(r"([•●○▪▫■□◦‣⁃∙⦁➢➤►✓✔❖◆◇\uf0b7\uf0a7])\s*(?=\S)")
_DASH = re.compile(r"([-–—*·。»])\s+(?=\S)|([+~>oO0])\s+(?=[^\W\d_])|([-–·*])(?=[^\W\d_])")
_LETTERS = {"o": 0.5, "0": 0.5, "O": 1.0}
"""Of how many rows these must be the beginning: they are words as well, the large one in verses."""

_NUMBER = re.compile(r"(\(?(?:(\d{1,3})|([A-Za-z])|([ivxlcIVXLC]{2,6}))[.)]|\[(\d{1,3})\])\s*(?=[^\d\s.,)])")


@dataclass(frozen=True, slots=True)
class Marker:
    """What begins an item. text: as read. sure: nothing else begins so. order: of a number or letter, else None."""

    text: str
    length: int
    sure: bool
    order: int | None = None


def marker_of(text: str) -> Marker | None:
    """length: of all that stands before the item's own text."""
    if match := _BULLET.match(text):
        return Marker(match[1], match.end(), True)
    if match := _NUMBER.match(text):
        digits, letter, roman, bracketed = match.group(2, 3, 4, 5)
        if digits or bracketed:
            order = int(digits or bracketed)
        else:
            order = ord(letter.lower()) - ord("a") + 1 if letter else _roman(roman.lower())
        spaced = match.end() > match.end(1)
        return Marker(match[1], match.end(), False, order) if spaced or not letter else None
    if match := _DASH.match(text):
        return Marker(match[match.lastindex or 0], match.end(), False)
    return None


def item_starts(texts: Sequence[str], listed: bool) -> list[Marker | None]:
    """For each row the marker with which an item begins there. listed: the layout model sees a list."""
    found = [marker_of(text) for text in texts]
    if listed:
        return found
    signs = Counter(marker.text for marker in found if marker and marker.order is None)
    orders = {marker.order for marker in found if marker and marker.order is not None}
    few = {sign for sign, share in _LETTERS.items() if signs[sign] < share * len(texts)}
    return [
        marker if marker and _counts(marker, signs, orders) and marker.text not in few else None for marker in found
    ]


def _counts(marker: Marker, signs: Counter[str], orders: set[int]) -> bool:
    """Whether it begins an item where no model says so."""
    if marker.order is None:
        return marker.sure or signs[marker.text] > 1
    return marker.order + 1 in orders or marker.order - 1 in orders


def levels(indents: Sequence[float], size: float) -> list[int]:
    """How deep each item of a list stands, from 1, by its left edge; one deeper than the item above at most."""
    result: list[int] = []
    stack: list[float] = []
    for indent in indents:
        while stack and indent < stack[-1] - size / 2:
            stack.pop()
        if not stack or indent > stack[-1] + size / 2:
            stack.append(indent)
        result.append(len(stack))
    return result


def _roman(text: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[letter] for letter in text]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))
