"""Letters of a line, as they stand from left to right, put in the order in which the line is read.

Files draw Hebrew and Arabic in whatever order their makers liked, most of them from left to right; what MuPDF makes of
lines that mix directions is neither the one order nor the other. So letters are taken by their places, which are what
everybody sees, and Unicode's rules for showing text (UAX 9) are applied the other way round: in a line that is mostly
read from right to left, everything but Latin passages and numbers is turned over.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_RIGHT_TO_LEFT = ("R", "AL")
_DIGITS = ("EN", "AN")
_IN_NUMBERS = ("CS", "ES")
_BESIDE_NUMBERS = ("ET", "ES")
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"), ("«", "»"), ("‹", "›"))


@dataclass(frozen=True, slots=True)
class Letter:
    """text: one character, or several that one glyph stands for, with its marks. x: of its middle."""

    text: str
    x: float


def is_leftward(text: str) -> bool:
    """Whether it has letters that are read from right to left."""
    return any(_kind(char) in _RIGHT_TO_LEFT for char in text)


def in_reading_order(letters: Iterable[Letter]) -> str:
    """The line's text, words one space apart. letters: in any order."""
    shown = [letter.text for letter in sorted(letters, key=lambda letter: letter.x)]
    kinds = [_strongest(text) for text in shown]
    leftward, rightward = sum(kind in _RIGHT_TO_LEFT for kind in kinds), kinds.count("L")
    text = _turned(shown, kinds) if leftward >= rightward else "".join(_with_passages_turned(shown, kinds))
    return " ".join(text.split())


def _turned(shown: Sequence[str], kinds: Sequence[str]) -> str:
    """Of text that is read from right to left: Latin passages and numbers in it keep their order."""
    units: list[str] = []
    place = 0
    while place < len(shown):
        end = _end_of_unit(kinds, place)
        units.append("".join(shown[place:end]))
        place = end
    return _mirrored("".join(reversed(units)))


def _end_of_unit(kinds: Sequence[str], start: int) -> int:
    """Where that ends which begins here and keeps its order: a Latin passage, a number, or a single letter."""
    end = start + 1
    if kinds[start] == "L":
        for place in range(start + 1, len(kinds)):
            if kinds[place] in _RIGHT_TO_LEFT:
                break
            if kinds[place] == "L" or kinds[place] in _DIGITS:
                end = place + 1
        return end
    if kinds[start] in _BESIDE_NUMBERS and end < len(kinds) and kinds[end] in _DIGITS:
        end += 1
    elif kinds[start] not in _DIGITS:
        return end
    while end < len(kinds):
        if kinds[end] in _DIGITS:
            end += 1
        elif kinds[end] in _IN_NUMBERS and end + 1 < len(kinds) and kinds[end + 1] in _DIGITS:
            end += 2
        else:
            return end + 1 if kinds[end] == "ET" else end
    return end


def _with_passages_turned(shown: Sequence[str], kinds: Sequence[str]) -> Iterable[str]:
    """Of text that is read from left to right, with passages that are not."""
    place = 0
    while place < len(shown):
        end = place + 1
        if kinds[place] in _RIGHT_TO_LEFT:
            for later in range(place + 1, len(kinds)):
                if kinds[later] == "L":
                    break
                if kinds[later] in _RIGHT_TO_LEFT:
                    end = later + 1
            yield _turned(shown[place:end], kinds[place:end])
        else:
            yield shown[place]
        place = end


def _mirrored(text: str) -> str:
    """Brackets stand in files as they look, and look the other way round from right to left; some files know better."""
    for opening, closing in _PAIRS:
        first = next((char for char in text if char in (opening, closing)), None)
        paired = opening in text and closing in text
        if first == closing or (first is not None and not paired):
            text = text.translate({ord(opening): closing, ord(closing): opening})
    return text


def _strongest(text: str) -> str:
    """What the first letter or digit of a cluster is, else its first character."""
    kinds = [_kind(char) for char in text]
    return next((kind for kind in kinds if kind in (*_RIGHT_TO_LEFT, *_DIGITS, "L")), kinds[0] if kinds else "ON")


@lru_cache(4096)
def _kind(char: str) -> str:
    return unicodedata.bidirectional(char)
