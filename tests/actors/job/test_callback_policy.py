"""Pauses grow up to an hour, receivers may ask for longer within reason, and after a day it is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.job.callback_policy import CallbackPolicy
from cluster.clock import to_text

NOW = datetime(2026, 1, 2, tzinfo=UTC)
POLICY = CallbackPolicy()


def test_pauses_double_up_to_an_hour() -> None:
    pauses = [POLICY.pause_s(attempts, 0.0) for attempts in range(1, 13)]
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    assert POLICY.pause_s(10**9, 0.0) == 3600
    assert POLICY.pause_s(1, 1.0) == 3.75


@pytest.mark.parametrize(("asked", "pause"), [(None, 5), (0.0, 5), (90.0, 90), (10**9, 3600)])
def test_a_receiver_s_wish_counts_up_to_an_hour(asked: float | None, pause: float) -> None:
    assert POLICY.pause_s(1, 0.0, asked) == pause


@given(st.integers(1, 10**6), st.floats(0, 1), st.one_of(st.none(), st.floats(0, 1e12)))
def test_every_pause_is_in_bounds(attempts: int, chance: float, asked: float | None) -> None:
    assert 3.75 <= POLICY.pause_s(attempts, chance, asked) <= 3600


def test_a_day_after_the_end_it_is_given_up() -> None:
    assert not POLICY.gives_up(to_text(NOW - timedelta(hours=23)), NOW)
    assert POLICY.gives_up(to_text(NOW - timedelta(hours=24)), NOW)
    assert not POLICY.gives_up(to_text(NOW + timedelta(hours=3)), NOW), "another machine's clock may be ahead"
    assert POLICY.gives_up("yesterday", NOW)
    assert POLICY.gives_up("2026-01-01T00:00:00", NOW)
