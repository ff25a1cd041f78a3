"""Which jobs come when: letters, reports and books, in waves, drawn by a seed."""

from __future__ import annotations

import math
from random import Random
from typing import NamedTuple
from uuid import UUID

from benchmarks.simulation.terms import Terms

WAVES = 4
"""Busy times and quiet times over the whole; at the height three times as many come as on average between them."""

LETTER, REPORT, BOOK = "letter", "report", "book"
SHARES = {LETTER: 0.70, REPORT: 0.26, BOOK: 0.04}
SIZES = {LETTER: (1, 3), REPORT: (5, 40), BOOK: (100, 500)}


class Coming(NamedTuple):
    """A job as it comes. at: seconds. pages: of its document."""

    at: float
    job_id: str
    kind: str
    pages: int


def draw_load(terms: Terms) -> list[Coming]:
    """In the order of their coming; terms.pages pages in all."""
    random = Random(terms.seed)
    kinds = random.choices(list(SHARES), list(SHARES.values()), k=terms.jobs)
    sizes = _fitted([random.randint(*SIZES[kind]) for kind in kinds], kinds, terms.pages)
    times = sorted(_moment(random) * terms.coming_s for _ in range(terms.jobs))
    return [
        Coming(at, str(UUID(int=random.getrandbits(128), version=4)), kind, pages)
        for at, kind, pages in zip(times, kinds, sizes, strict=True)
    ]


def _moment(random: Random) -> float:
    """0 to 1, likelier at the height of a wave."""
    while True:
        moment = random.random()
        if random.random() * 2 <= 1 - math.cos(2 * math.pi * WAVES * moment):
            return moment


def _fitted(sizes: list[int], kinds: list[str], pages: int) -> list[int]:
    """The books made longer or shorter, so that there are so many pages in all; with no book, the reports."""
    sizes = list(sizes)
    long = BOOK if BOOK in kinds else REPORT if REPORT in kinds else LETTER
    books = [number for number, kind in enumerate(kinds) if kind == long]
    lacking = pages - sum(sizes)
    for turn, number in enumerate(books):
        share = round(lacking / (len(books) - turn))
        change = max(share, 1 - sizes[number])
        sizes[number] += change
        lacking -= change
    return sizes
