"""Which of a page's lines are believed to be text, and what is to be said of the others.

The recogniser answers for anything that the detector takes for a line. Where there is no text its answer is nothing, or
short and unsure; where the text is in a script that it never learned, most of the line has no answer, or all of it is
unsure. Both show in how sure it is, and in how few characters it finds for the length of a line. One line alone may
have other reasons; that a whole page is like that has not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import hypot

from cluster.page_text import Line

LEAST = 0.5  # sure: what is less is drawings and dirt, mostly
LEAST_SHORT = 0.6  # of one or two characters: half of those that are less sure are wrong
LEAST_SIGNS = 0.8  # without any letter or digit
SURE = 0.9  # as nearly all lines of a clean page are

WORD = 3  # letters or digits; SURE ones are what no drawing is taken for
LEAST_PICTURED = 0.85  # of a word on a page without any that is sure
PLAIN = 0.8  # share of a page that is paper: a page of less is a picture

LINE = 3.0  # times as long as high: a box that looks like a line
SPARSE = 0.4  # characters to a stretch as long as the line is high; print has 1 to 3
FOREIGN_SHARE = 0.5  # of the length of a page's lines, that can't be read
FOREIGN_SURE = 0.8  # the mean of a page that is not even read where it seems to be
FOREIGN_LINES = 3


@dataclass(frozen=True, slots=True)
class ReadPage:
    """lines: in no order. reason: what was out of the ordinary, for the page's record."""

    lines: list[Line]
    reason: str | None = None


def believed(lines: Sequence[Line], plain: Callable[[], float]) -> ReadPage:
    """lines: all that the detector found, those without text too. plain: what share of the page is paper, 0 to 1; asked
    for only where it matters."""
    foreign = _in_foreign_script(lines)
    if foreign:
        kept = [line for line in lines if line.confidence >= SURE and _is_text(line)]
        return ReadPage(kept, f"{foreign - len(kept)} lines are in a script that this engine does not read")
    kept = [line for line in lines if _is_text(line)]
    if not any(line.confidence >= SURE and _letters(line) >= WORD for line in kept):
        pictured = [line for line in kept if line.confidence >= LEAST_PICTURED and _letters(line) >= WORD]
        if len(pictured) < len(kept) and plain() < PLAIN:
            kept = pictured
    return ReadPage(kept)


def _is_text(line: Line) -> bool:
    letters, characters = _letters(line), _characters(line)
    least = LEAST_SIGNS if not letters else LEAST_SHORT if characters < WORD else LEAST
    return characters > 0 and line.confidence >= least and not _is_unread(line)


def _is_unread(line: Line) -> bool:
    """It has the shape of a line, and too few characters for one; that a dash or a row of dots has few is no wonder."""
    return _ratio(line) >= LINE and _characters(line) < SPARSE * _ratio(line) and line.confidence < SURE


def _in_foreign_script(lines: Sequence[Line]) -> int:
    """How many lines there are that look like lines and can't be read, if that is what most of the page is, or 0."""
    shaped = [line for line in lines if _ratio(line) >= LINE]
    unread = [line for line in shaped if _is_unread(line) or not _letters(line) or line.confidence < LEAST]
    length = sum(map(_length, shaped))
    unsure = sum(_length(line) * line.confidence for line in shaped) < FOREIGN_SURE * length
    most = sum(map(_length, unread)) > FOREIGN_SHARE * length
    return len(shaped) if len(shaped) >= FOREIGN_LINES and (most or unsure) else 0


def _letters(line: Line) -> int:
    return sum(character.isalnum() for character in line.text)


def _characters(line: Line) -> int:
    return sum(not character.isspace() for character in line.text)


def _length(line: Line) -> float:
    return max(_sides(line))


def _ratio(line: Line) -> float:
    """How many times as long as high."""
    along, down = _sides(line)
    return max(along, down) / max(1.0, min(along, down))


def _sides(line: Line) -> tuple[float, float]:
    x0, y0, x1, y1 = line.bbox
    quad = line.quad or (x0, y0, x1, y0, x1, y1, x0, y1)
    return hypot(quad[2] - quad[0], quad[3] - quad[1]), hypot(quad[6] - quad[0], quad[7] - quad[1])
