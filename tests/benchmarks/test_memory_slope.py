"""The line through readings of memory, and how sure it is."""

from __future__ import annotations

import os
import random
from math import inf
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap

import pytest

from benchmarks.memory_slope import Readings, own_megabytes, slope

TIMES = [10.0 * n for n in range(120)]


def noise(seed: int, size: float) -> list[float]:
    chance = random.Random(seed)
    return [chance.gauss(0, size) for _ in TIMES]


def test_a_straight_line() -> None:
    found = slope(TIMES, [100 + 36 * at / 3600 for at in TIMES])
    assert found.mb_an_hour == pytest.approx(36)
    assert found.error == pytest.approx(0, abs=1e-6)
    assert found.surely_above(35)
    assert not found.surely_above(37)


def test_a_process_that_stands_is_not_said_to_grow() -> None:
    slopes = [slope(TIMES, [100 + off for off in noise(seed, 1.0)]) for seed in range(200)]
    assert sum(one.surely_above(0) for one in slopes) < 20, "one in forty, by chance"
    assert max(one.error for one in slopes) < 2.5


def test_one_that_grows_is_found_in_noise() -> None:
    slopes = [
        slope(TIMES, [100 + 30 * at / 3600 + off for at, off in zip(TIMES, noise(seed, 1.0), strict=True)])
        for seed in range(50)
    ]
    assert all(one.surely_above(10) for one in slopes)


def test_readings_that_are_like_the_last_tell_less() -> None:
    walk, at = [], 0.0
    for step in noise(3, 1.0):
        at += step
        walk.append(at)
    shuffled = walk.copy()
    random.Random(1).shuffle(shuffled)
    assert slope(TIMES, walk).error > 2 * slope(TIMES, shuffled).error


@pytest.mark.parametrize(("times", "megabytes"), [([], []), ([1.0, 2.0], [5.0, 9.0]), ([3.0] * 5, [1.0] * 5)])
def test_too_little_tells_nothing(times: list[float], megabytes: list[float]) -> None:
    found = slope(times, megabytes)
    assert (found.mb_an_hour, found.error) == (0.0, inf)
    assert not found.surely_above(0)


def test_what_comes_before_is_left_out() -> None:
    readings = Readings("x", TIMES, [float(min(at, 400.0)) for at in TIMES])
    assert readings.slope(0).mb_an_hour > 0
    assert readings.slope(400).mb_an_hour == pytest.approx(0)


def test_our_own_memory() -> None:
    before = own_megabytes(os.getpid())
    with mmap(-1, 30 << 20, MAP_PRIVATE | MAP_ANONYMOUS) as held:  # nothing that was freed and kept
        held.write(bytes(30 << 20))
        grown = own_megabytes(os.getpid()) - before
    assert 25 < grown < 70
    with pytest.raises(OSError, match="No such file"):
        own_megabytes(0)
