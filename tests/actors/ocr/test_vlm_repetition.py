from __future__ import annotations

import random

import pytest

from actors.ocr.vlm_repetition import RepetitionDetector, RepetitionLimits


def trips_after(tokens: list[int], limits: RepetitionLimits | None = None) -> int | None:
    """How many tokens were taken when it tripped."""
    detector = RepetitionDetector(limits)
    return next((count for count, token in enumerate(tokens, start=1) if detector.takes(token)), None)


def loops(tokens: list[int], limits: RepetitionLimits) -> bool:
    """The same, looked up from the definition."""
    for period in range(1, limits.longest + 1):
        length = max(limits.times * period, limits.span)
        tail = tokens[-length:]
        if len(tail) == length and tail[period:] == tail[:-period]:
            return True
    return False


def test_it_finds_what_the_definition_says() -> None:
    chance = random.Random(5)
    limits = RepetitionLimits(longest=6, times=3, span=8)
    found = 0
    for _ in range(300):
        tokens = [chance.randrange(2 + chance.randrange(2)) for _ in range(40)]
        expected = next((n for n in range(1, 41) if loops(tokens[:n], limits)), None)
        assert trips_after(tokens, limits) == expected
        found += expected is not None
    assert 20 < found < 300


@pytest.mark.parametrize("period", [1, 2, 17, 256])
def test_a_loop_is_found_as_soon_as_it_is_long_enough(period: int) -> None:
    before = list(range(1000, 1300))
    assert trips_after(before + list(range(period)) * 1000) == 300 + max(4 * period, 400)


def test_what_a_page_may_well_repeat_is_none() -> None:
    empty_rows = [7, 7, 7, 8] * 60  # of a form
    dots = [9] * 300
    three_times = list(range(100, 350)) * 3
    assert trips_after([*empty_rows, 1, *dots, 2, *three_times, 3]) is None


def test_a_loop_that_breaks_off_counts_from_its_new_start() -> None:
    limits = RepetitionLimits(longest=4, times=3, span=6)
    assert trips_after([1, 2, 1, 2, 1, 3, 1, 2, 1, 2, 1, 2], limits) == 12
