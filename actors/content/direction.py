"""In which direction a page is read, and the frame in which every page is read from left to right and down.

Rules about rows, columns and indents are written once, for a page that is read from left to right. A page that is
read from right to left (Arabic, Hebrew) is mirrored first; one in vertical Japanese or Chinese is turned so that its
lines, which follow each other from right to left, lie as rows from top to bottom. Text is never changed by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum
from unicodedata import bidirectional

from cluster.page_text import Box, Line

TALL = 1.5
"""A line of several characters that is this many times as high as wide runs down the page."""


class Direction(Enum):
    RIGHTWARD = "left to right, then down"
    LEFTWARD = "right to left, then down"
    DOWNWARD = "down, then right to left"


def direction_of(lines: Sequence[Line]) -> Direction:
    """The direction of most characters. What is neither letter nor digit has no say, and a tie is read rightward."""
    votes: Counter[Direction] = Counter()
    for line in lines:
        x0, y0, x1, y1 = line.bbox
        if len(line.text) > 1 and y1 - y0 > TALL * (x1 - x0) and sum(map(unspaced, line.text)) * 2 > len(line.text):
            votes[Direction.DOWNWARD] += len(line.text)
        else:
            leftward, rightward = strong(line.text)
            votes[Direction.LEFTWARD] += leftward
            votes[Direction.RIGHTWARD] += rightward
    return max(Direction, key=lambda direction: votes[direction])


def strong(text: str) -> tuple[int, int]:
    """How many characters are read from right to left, and how many from left to right."""
    if text.isascii():
        return 0, sum(map(str.isalpha, text))
    kinds = Counter(map(bidirectional, text))
    return kinds["R"] + kinds["AL"], kinds["L"]


def unspaced(character: str) -> bool:
    """Of a script that puts no spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese."""
    code = ord(character)
    return code >= 0x0E00 and any(first <= code <= last for first, last in _UNSPACED)


_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x312F),  # radicals, CJK punctuation, kana, bopomofo
    (0x31A0, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F),
    (0xFF01, 0xFF9F),  # full-width forms, half-width kana
    (0x20000, 0x3FFFF),
)


def framed(box: Box, direction: Direction, width: float) -> Box:
    """The box in the frame. width: the page's, as the box is on it."""
    x0, y0, x1, y1 = box
    if direction is Direction.LEFTWARD:
        return width - x1, y0, width - x0, y1
    if direction is Direction.DOWNWARD:
        return y0, width - x1, y1, width - x0
    return box


def unframed(box: Box, direction: Direction, width: float) -> Box:
    """The box on the page."""
    x0, y0, x1, y1 = box
    return (width - y1, x0, width - y0, x1) if direction is Direction.DOWNWARD else framed(box, direction, width)


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of them, which are one at least."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
