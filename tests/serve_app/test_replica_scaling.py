"""How many replicas there should be, second by second."""

from __future__ import annotations

import pytest

from serve_app.replica_scaling import ReplicaScaler, ScalingTerms

TERMS = ScalingTerms(least=0, most=10, pages=16, up_s=2, down_s=60)


def course(terms: ScalingTerms, *spells: tuple[float, int], target: int = 0) -> list[int]:
    """The target at each second. spells: pages that wait, and for how many seconds."""
    scaler, now, targets = ReplicaScaler(terms), 100.0, []
    for pages, seconds in spells:
        for _ in range(seconds):
            target = scaler.decide(pages, target, now)
            targets.append(target)
            now += 1
    return targets


@pytest.mark.parametrize(("pages", "replicas"), [(0, 0), (0.1, 1), (16, 1), (17, 2), (300, 10)])
def test_so_many_for_so_many_pages(pages: float, replicas: int) -> None:
    assert TERMS.wanted(pages) == replicas


def test_bounds_hold() -> None:
    terms = ScalingTerms(least=2, most=3, pages=16, up_s=0, down_s=0)
    assert [terms.wanted(pages) for pages in (0, 40, 1000)] == [2, 3, 3]


def test_from_none_at_once_and_to_all_that_are_wanted() -> None:
    assert course(TERMS, (300, 1)) == [10]


def test_up_after_two_seconds() -> None:
    assert course(TERMS, (300, 4), target=1) == [1, 1, 10, 10]


def test_a_moments_crowd_starts_nothing() -> None:
    assert course(TERMS, (300, 1), (10, 1), (300, 1), (10, 1), target=1) == [1, 1, 1, 1]


def test_up_to_the_fewest_that_were_wanted_all_the_time() -> None:
    assert course(TERMS, (300, 1), (40, 1), (300, 1), target=1) == [1, 1, 3]


def test_down_after_a_minute() -> None:
    assert course(TERMS, (0, 62), target=5) == [5] * 60 + [0, 0]


def test_one_lull_ends_nothing_that_is_needed_again() -> None:
    assert course(TERMS, (0, 59), (80, 1), (0, 59), target=5) == [5] * 119


def test_down_to_the_most_that_was_wanted_meanwhile() -> None:
    assert course(TERMS, (0, 30), (40, 1), (0, 30), target=5)[-1] == 3


def test_where_others_move_the_target_it_is_taken_from_there() -> None:
    scaler = ReplicaScaler(TERMS)
    assert scaler.decide(160, 5, 0) == 5
    assert scaler.decide(160, 12, 1) == 12, "from now on fewer are wanted, and patience begins anew"
    assert scaler.decide(160, 12, 60) == 12
    assert scaler.decide(160, 12, 61) == 10
