"""How right a reading of some pages is: error rates, words found, and how much of it stands in order.

Characters and words are compared in order, so text in the wrong place costs as much as text read wrongly; the words
found do not ask for order, and ``order`` asks for nothing else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from benchmarks.judged_text import words_of


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts of some pages, which add up.

    characters, words: of the true text. wrong_...: to insert, delete or replace. read_words: of the reading.
    shared_words: in both, whatever their order. anchors: pairs of words that stand once in either text.
    anchors_in_order: the most of them that need not be moved. seconds: what the reading took.
    """

    pages: int = 0
    characters: int = 0
    wrong_characters: int = 0
    words: int = 0
    wrong_words: int = 0
    read_words: int = 0
    shared_words: int = 0
    anchors: int = 0
    anchors_in_order: int = 0
    seconds: float = 0.0

    def __add__(self, other: Scores) -> Scores:
        return Scores(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    @property
    def character_error(self) -> float:
        """Share of the true text's characters; above 1 where more was made up than there is."""
        return self.wrong_characters / max(1, self.characters)

    @property
    def word_error(self) -> float:
        return self.wrong_words / max(1, self.words)

    @property
    def found(self) -> float:
        """F1 of the two bags of words: 1 where each word of either is in the other."""
        return 2 * self.shared_words / max(1, self.words + self.read_words)

    @property
    def order(self) -> float | None:
        """Share of what was found in both that stands in order; None where nothing was found to tell by."""
        return self.anchors_in_order / self.anchors if self.anchors else None


def scores(truth: str, read: str, seconds: float = 0.0) -> Scores:
    """truth, read: as ``judged_text`` makes them."""
    true_words, read_words = words_of(truth), words_of(read)
    places = anchor_places(true_words, read_words)
    return Scores(
        pages=1,
        characters=len(truth),
        wrong_characters=Levenshtein.distance(truth, read),
        words=len(true_words),
        wrong_words=Levenshtein.distance(true_words, read_words),
        read_words=len(read_words),
        shared_words=sum((Counter(true_words) & Counter(read_words)).values()),
        anchors=len(places),
        anchors_in_order=longest_rise(places),
        seconds=seconds,
    )


def anchor_places(truth: Sequence[str], read: Sequence[str]) -> list[int]:
    """Where in ``read`` the pairs of neighbouring words stand that come once in both, in the order of ``truth``."""
    true_places, read_places = _single_pairs(truth), _single_pairs(read)
    return [read_places[pair] for pair in true_places if pair in read_places]


def longest_rise(numbers: Sequence[int]) -> int:
    """Length of the longest rising subsequence."""
    ends: list[int] = []
    for number in numbers:
        place = bisect_left(ends, number)
        ends[place : place + 1] = [number]
    return len(ends)


def _single_pairs(words: Sequence[str]) -> dict[tuple[str, str], int]:
    """Pairs that come once, and where; in order."""
    pairs = list(pairwise(words))
    often = Counter(pairs)
    return {pair: place for place, pair in enumerate(pairs) if often[pair] == 1}
