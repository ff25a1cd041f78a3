"""The token bucket never lets through more than its rate and burst, and never less than they promise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve_app.token_bucket import TokenBucket

RATES = st.floats(0.01, 1000)
BURSTS = st.floats(1, 100)
GAPS = st.lists(st.floats(0, 20), min_size=1, max_size=60)


@given(RATES, BURSTS, GAPS)
def test_no_stretch_of_time_has_more_than_burst_and_rate_allow(rate: float, burst: float, gaps: list[float]) -> None:
    bucket, now, taken = TokenBucket(rate, burst, 0.0), 0.0, []
    for gap in gaps:
        now += gap
        if bucket.take(now) == 0:
            taken.append(now)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            assert last - first + 1 <= burst + rate * (taken[last] - taken[first]) + 1e-6


@given(RATES, BURSTS, GAPS)
def test_who_waits_as_long_as_told_gets_a_token(rate: float, burst: float, gaps: list[float]) -> None:
    bucket, now = TokenBucket(rate, burst, 0.0), 0.0
    for gap in gaps:
        now += gap
        wait = bucket.take(now)
        if wait > 0:
            assert wait <= 1 / rate + 1e-9
            now += wait * (1 + 1e-6) + 1e-9
            assert bucket.take(now) == 0


@given(RATES, BURSTS)
def test_a_burst_comes_at_once_and_no_more(rate: float, burst: float) -> None:
    bucket = TokenBucket(rate, burst, 5.0)
    assert bucket.full(5.0)
    assert [bucket.take(5.0) for _ in range(int(burst))] == [0.0] * int(burst)
    assert bucket.take(5.0) > 0
    assert bucket.full(5.0 + burst / rate + 1e-3)


def test_a_clock_that_falls_back_makes_no_tokens() -> None:
    bucket = TokenBucket(1, 1, 100.0)
    assert bucket.take(100.0) == 0
    assert bucket.take(50.0) == pytest.approx(1)
    assert bucket.take(100.5) == pytest.approx(0.5)
