"""Checks of one page's reading, each of which it passes or not.

A sentence is there, a page number is not, this stands before that, a cell of a table has this neighbour. The kinds are
those of olmOCR-bench: they ask for what a person would miss, and don't mind what nobody would.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from benchmarks.judged_text import judged, markdown_text, words_of
from benchmarks.markdown_tables import Grid, tables_of

_LIKE = 95.0
"""Of 100: in a sentence of 60 characters, three may be wrong."""

_LIKE_CELL = 90.0
_TOO_SHORT_TO_BE_LIKE = 10


class Side(StrEnum):
    ABOVE = "above"
    BELOW = "below"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Present:
    text: str


@dataclass(frozen=True, slots=True)
class Absent:
    """text: a running header, or a page number, which must not be among the words."""

    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """Both are there, and ``first`` comes first."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A table has a cell ``cell``, and on that side of it stands ``text``."""

    cell: str
    side: Side
    text: str


Check = Present | Absent | Order | Neighbour

KINDS: dict[type, str] = {Present: "present", Absent: "absent", Order: "order", Neighbour: "table"}


class Reading:
    """A reading as the checks look at it. markdown: False where it is plain text."""

    def __init__(self, text: str, *, markdown: bool = True) -> None:
        self.text = judged(markdown_text(text) if markdown else text)
        self.tables = tables_of(text) if markdown else []

    def passes(self, check: Check) -> bool:
        match check:
            case Present(text):
                return self._place(text) is not None
            case Absent(text):
                return self._is_absent(judged(text))
            case Order(first, second):
                before, after = self._place(first), self._place(second)
                return before is not None and after is not None and before < after
            case Neighbour(cell, side, text):
                return any(_has_neighbour(table, judged(cell), side, judged(text)) for table in self.tables)

    def _place(self, text: str) -> float | None:
        """Where the text begins, as a share of the whole; None where it is not there."""
        wanted, whole = judged(text), self.text
        if _has_no_spaces(wanted):
            wanted, whole = "".join(wanted.split()), "".join(whole.split())
        if len(wanted) < _TOO_SHORT_TO_BE_LIKE:
            at = whole.find(wanted)
            return None if at < 0 else at / max(1, len(whole))
        found = fuzz.partial_ratio_alignment(wanted, whole, score_cutoff=_LIKE) if len(whole) >= len(wanted) else None
        return None if found is None else found.dest_start / len(whole)

    def _is_absent(self, text: str) -> bool:
        if len(text) < _TOO_SHORT_TO_BE_LIKE:
            return text not in words_of(self.text)
        return len(self.text) < len(text) or fuzz.partial_ratio(text, self.text) < _LIKE


def _has_no_spaces(text: str) -> bool:
    """Chinese and Japanese put none between words, so that those of a reading mean nothing."""
    return any("\u3040" <= sign <= "\u30ff" or "\u4e00" <= sign <= "\u9fff" for sign in text)


_STEPS = {Side.ABOVE: (-1, 0), Side.BELOW: (1, 0), Side.LEFT: (0, -1), Side.RIGHT: (0, 1)}


def _has_neighbour(table: Grid, cell: str, side: Side, text: str) -> bool:
    down, across = _STEPS[side]
    return any(
        _same_cell(found, cell) and _same_cell(_at(table, y + down, x + across), text)
        for y, row in enumerate(table)
        for x, found in enumerate(row)
    )


def _at(table: Grid, y: int, x: int) -> str:
    return table[y][x] if 0 <= y < len(table) and 0 <= x < len(table[y]) else ""


def _same_cell(found: str, wanted: str) -> bool:
    if len(wanted) < _TOO_SHORT_TO_BE_LIKE:
        return found == wanted
    return fuzz.ratio(found, wanted) >= _LIKE_CELL
