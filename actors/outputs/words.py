"""A line of text in words, and where in the line each word stands.

Engines give boxes of lines, not of words. A word's place is an estimate: the line's length dealt out by how wide its
characters are in a common typeface (Helvetica; wide ones of East Asian scripts a full square). In lines with Arabic or
Hebrew, words stand in the order in which they are seen: runs of the other direction are turned round.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_ASCII = (
    *(278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278),
    *(556,) * 10,
    *(278, 278, 584, 584, 584, 556, 1015),
    *(667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667),
    *(944, 667, 667, 611, 278, 278, 278, 469, 556, 333),
    *(556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500),
    *(722, 500, 500, 500, 334, 260, 334, 584),
)
"""Helvetica's widths from the space to the tilde, in thousandths of its size."""

_BY_BYTE = (*(0,) * 32, *_ASCII, 0)

_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""Characters of scripts that run from right to left, with some others among them."""

_SQUARE, _CAPITAL, _OTHER = 1000, 680, 540
_SPACE = _ASCII[0]


@dataclass(frozen=True, slots=True)
class Word:
    """start, end: in shares of the line's length, from the left as it is read upright. from_right: its characters run
    from right to left."""

    text: str
    start: float
    end: float
    from_right: bool = False


def words_of(text: str) -> tuple[Word, ...]:
    """In the order of the text; none of white space alone."""
    texts = text.split()
    if not texts:
        return ()
    if not _TO_LEFT.search(text):
        directions, places = [0] * len(texts), _places(texts, range(len(texts)))
    else:
        directions = [_direction(word) for word in texts]
        places = _places(texts, _visual_order(directions))
    total = max(end for _, end in places)
    return tuple(
        Word(word, start / total, end / total, direction < 0)
        for word, direction, (start, end) in zip(texts, directions, places, strict=True)
    )


def width_of(text: str) -> int:
    """Estimated, in thousandths of the type's size; at least 1."""
    if text.isascii():
        return sum(map(_BY_BYTE.__getitem__, text.encode("ascii"))) or 1
    return sum(_width(letter) for letter in text) or 1


def _width(letter: str) -> int:
    if letter.isascii():
        return _BY_BYTE[ord(letter)]
    if unicodedata.category(letter) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return _SQUARE
    return _CAPITAL if unicodedata.category(letter) == "Lu" else _OTHER


def _direction(word: str) -> int:
    """Above 0: from left to right, below: from right to left; 0: says nothing, as numbers."""
    if word.isascii():
        return 1 if any(letter.isalpha() for letter in word) else 0
    kinds = [unicodedata.bidirectional(letter) for letter in word]
    return kinds.count("L") - sum(kind in ("R", "AL") for kind in kinds)


def _visual_order(directions: list[int]) -> list[int]:
    """The words' numbers from left to right."""
    numbers = list(range(len(directions)))
    if not any(direction < 0 for direction in directions):
        return numbers
    to_left = sum(1 if direction < 0 else -1 for direction in directions if direction) >= 0
    order: list[int] = []
    run: list[int] = []
    for number in numbers:
        direction = directions[number]
        against = direction > 0 if to_left else direction < 0
        if not against:
            order += [*reversed(run), number]
            run = []
        else:
            run.append(number)
    order += reversed(run)
    return order[::-1] if to_left else order


def _places(texts: list[str], order: Iterable[int]) -> list[tuple[int, int]]:
    places = [(0, 0)] * len(texts)
    at = 0
    for number in order:
        end = at + width_of(texts[number])
        places[number] = at, end
        at = end + _SPACE
    return places
