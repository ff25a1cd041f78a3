"""Which of a page's lines are believed to be text, and what is to be said of the others.

The recogniser answers for anything that the detector takes for a line. Where there is no text its answer is nothing, or
short and unsure; where the text is in a script that it never learned, most of the line has no answer, or all of it is
unsure. Both show in how sure it is, and in how few characters it finds for the length of a line. One line alone may
have other reasons; that a whole page is like that has not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from cluster.page_text import Line

LEAST = 0.5  # sure: what is less is drawings and dirt, mostly
LEAST_SHORT = 0.6  # of one or two characters: half of those that are less sure are wrong
LEAST_SIGNS = 0.8  # without any letter or digit
SURE = 0.9  # as nearly all lines of a clean page are

WORD = 3  # letters or digits; SURE ones are what no drawing is taken for
PAPER = (
    0.95  # share of a page that is paper: on less, without SURE or MANY words, are only things that look like O and 8
)
PICTURED_WORD, LONE_SIGN = 0.85, 0.9  # how sure a word must be there; how sure what is shorter must be on paper

LINE = 3.0  # times as long as high: a box that looks like a line
SPARSE = 0.4  # characters to a stretch as long as the line is high; print has 1 to 3
GREEK = 6  # letters: dictionary and print agree on the Greek ones of formulas, not on words

UNREAD_LINES = 2  # of a page, to be spoken of
UNREAD_SHARE = 0.1  # of the length of its lines; single ones are rules, ornaments and stains
FOREIGN_SHARE = 0.5  # of a page that is in a foreign script as a whole
FOREIGN_SURE = 0.6  # or its mean is below: what seems to be read there is not
UNSURE = 0.7  # or below this, as handwriting may be, and words are odd
NOWHERE_SURE, MANY = 0.82, 6  # or below this, words are odd, and no line of so many is sure
ODD_SHARE = 0.3  # of the letters of words
PRINTED, SPACED = 0.7, 0.85  # share of paper on a page of print, and of few lines; where there is less is no script


@dataclass(frozen=True, slots=True)
class ReadPage:
    """lines: in no order. reason: what was out of the ordinary, for the page's record."""

    lines: list[Line]
    reason: str | None = None


def believed(lines: Sequence[Line], plain: Callable[[], float], scripts: str = "") -> ReadPage:
    """lines: all that the detector found, those without text too. plain: what share of the page is paper, 0 to 1; asked
    for only where it matters. scripts: which ones the page may be written in that can't be read, as its user says."""
    shaped = [line for line in lines if _ratio(line) >= LINE]
    unread = [line for line in shaped if _is_unread(line)]
    kept = [line for line in lines if _is_text(line)]
    foreign = _is_foreign(shaped, unread)
    if foreign:
        kept = [line for line in kept if line.confidence >= SURE]
        unread = [line for line in shaped if line not in kept]
    words = [line for line in kept if _letters(line) >= WORD]
    worded = len(words) >= MANY or any(line.confidence >= SURE for line in words)
    paper = 1.0 if worded or not (kept or foreign) else plain()
    if not worded:
        kept = [line for line in kept if _stands_out(line, on_paper=paper >= PAPER)]
    told = len(unread) >= UNREAD_LINES and _length(unread) >= UNREAD_SHARE * _length(shaped)
    if not told or paper < (PRINTED if len(unread) >= MANY else SPACED):
        return ReadPage(kept)
    scripts = "Greek" if 2 * sum(map(_is_greek, unread)) > len(unread) else scripts
    named = f" ({scripts})" if scripts else ""
    return ReadPage(kept, f"{len(unread)} lines are in a script that this engine does not read{named}")


def _stands_out(line: Line, on_paper: bool) -> bool:
    """Whether a line is believed on a page without any word that is sure."""
    if _letters(line) >= WORD:
        return on_paper or line.confidence >= PICTURED_WORD
    return on_paper and line.confidence >= LONE_SIGN


def _is_foreign(shaped: Sequence[Line], unread: Sequence[Line]) -> bool:
    """Whether the page as a whole is in a script that can't be read. shaped: what looks like lines."""
    if len(shaped) < UNREAD_LINES:
        return False
    length = _length(shaped)
    mean = sum(_length([line]) * line.confidence for line in shaped) / length
    if _length(unread) > FOREIGN_SHARE * length or mean < FOREIGN_SURE:
        return True
    nowhere_sure = mean < NOWHERE_SURE and len(shaped) >= MANY and all(line.confidence < SURE for line in shaped)
    return (mean < UNSURE or nowhere_sure) and _odd_share(shaped) >= ODD_SHARE


def _odd_share(lines: Sequence[Line]) -> float:
    """Of the letters and digits of words, how many are in odd ones: what letters of a script that the recogniser does
    not know become is patched together from all that it does know. A poor hand is taken for other letters, of the same
    kind."""
    words = [word for line in lines for word in line.text.split() if sum(map(str.isalnum, word)) >= WORD]
    length = sum(map(len, words))
    return sum(len(word) for word in words if _is_odd(word)) / length if length else 0.0


def _is_odd(word: str) -> bool:
    """Letters of two alphabets, of few languages alone, or with digits before them, or capitals behind small ones."""
    letters = [character for character in word if character.isalpha()]
    latin = [character for character in letters if character < "\u0250"]
    if not latin:
        return False
    rare = any("\u0100" <= character < "\u0250" for character in latin)
    mixed = len(latin) < len(letters)
    pairs = list(pairwise(word))
    return rare or mixed or any((a.islower() and b.isupper()) or (a.isdigit() and b.isalpha()) for a, b in pairs)


def _is_text(line: Line) -> bool:
    letters, characters = _letters(line), _characters(line)
    least = LEAST_SIGNS if not letters else LEAST_SHORT if characters < WORD else LEAST
    return characters > 0 and line.confidence >= least and not (_ratio(line) >= LINE and _is_unread(line))


def _is_unread(line: Line) -> bool:
    """Of what looks like a line: whether it has too few characters for one, or letters that are no text together."""
    sparse = _characters(line) < SPARSE * _ratio(line) and (line.confidence < SURE or not _letters(line))
    return sparse or line.confidence < LEAST or _is_greek(line)


def _is_greek(line: Line) -> bool:
    greek = sum("\u0370" <= character <= "\u03ff" for character in line.text)
    return greek >= GREEK and 2 * greek > _letters(line)


def _letters(line: Line) -> int:
    return sum(character.isalnum() for character in line.text)


def _characters(line: Line) -> int:
    return sum(not character.isspace() for character in line.text)


def _length(lines: Sequence[Line]) -> float:
    """Of all together, in pixels."""
    return sum(max(_sides(line)) for line in lines)


def _ratio(line: Line) -> float:
    """How many times as long as high."""
    along, down = _sides(line)
    return max(along, down) / max(1.0, min(along, down))


def _sides(line: Line) -> tuple[float, float]:
    x0, y0, x1, y1 = line.bbox
    quad = line.quad or (x0, y0, x1, y0, x1, y1, x0, y1)
    return hypot(quad[2] - quad[0], quad[3] - quad[1]), hypot(quad[6] - quad[0], quad[7] - quad[1])
