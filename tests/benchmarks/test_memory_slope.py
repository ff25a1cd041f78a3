"""The line through readings of memory, and how sure it is."""

from __future__ import annotations

import os
import random
from math import inf
from mmap import ACCESS_READ, MAP_ANONYMOUS, MAP_PRIVATE, mmap
from pathlib import Path

import pytest

from benchmarks.memory_slope import Readings, Slope, own_megabytes, slope

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


def test_what_comes_and_goes_with_pages_is_no_growth() -> None:
    """A process that is at work more and more often, and is left with what it had; and one that is left with more."""
    chance = random.Random(5)
    times = [2.0 * n for n in range(900)]
    at_work = [50.0 if chance.random() < 0.2 + 0.5 * at / times[-1] else 0.0 for at in times]
    standing = Readings("x", times, [100 + more for more in at_work])
    assert slope(times, standing.megabytes).surely_above(10)
    assert standing.slope(0).mb_an_hour == pytest.approx(0)
    growing = Readings("x", times, [100 + 30 * at / 3600 + more for at, more in zip(times, at_work, strict=True)])
    assert growing.slope(0).surely_above(25)


def test_the_least_of_each_half_minute() -> None:
    readings = Readings("x", [0.0, 20.0, 31.0, 45.0, 59.0, 61.0, 89.0, 95.0], [9.0, 8.0, 7.0, 5.0, 6.0, 4.0, 4.5, 1.0])
    assert readings.floor() == ([20.0, 45.0, 61.0], [8.0, 5.0, 4.0]), "the last half minute is not over"
    assert readings.floor(35.0) == ([61.0, 89.0], [4.0, 4.5])
    assert readings.least(30, 60) == 5.0
    assert readings.least(200, 300) == inf


def test_sure_of_either_or_of_neither() -> None:
    assert Slope(20.0, 4.0).surely_above(10)
    assert Slope(2.0, 3.0).surely_below(10)
    unsure = Slope(9.0, 3.0)
    assert not unsure.surely_above(10)
    assert not unsure.surely_below(10)


def test_files_that_are_mapped_are_no_memory_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "library").write_bytes(bytes(30 << 20))
    before = own_megabytes(os.getpid())
    with (tmp_path / "library").open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as mapped:
        assert sum(mapped[at] for at in range(0, len(mapped), 4096)) == 0
        assert abs(own_megabytes(os.getpid()) - before) < 10


def test_our_own_memory() -> None:
    before = own_megabytes(os.getpid())
    with mmap(-1, 30 << 20, MAP_PRIVATE | MAP_ANONYMOUS) as held:  # nothing that was freed and kept
        held.write(bytes(30 << 20))
        grown = own_megabytes(os.getpid()) - before
    assert 25 < grown < 70
    with pytest.raises(OSError, match="No such file"):
        own_megabytes(0)
