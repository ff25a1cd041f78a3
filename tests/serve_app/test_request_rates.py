from __future__ import annotations

import pytest

from cluster.clock import ManualClock
from cluster.errors import RateLimited
from serve_app.identity import Identity
from serve_app.limits import Limits
from serve_app.request_rates import FORGET_AT, RequestRates


def _caller(key_id: str, rate: float | None) -> Identity:
    return Identity("anna@example.org", Limits(requests_a_second=rate), key_id)


def _admitted(rates: RequestRates, caller: Identity, tries: int) -> int:
    admitted = 0
    for _ in range(tries):
        try:
            rates.admit(caller)
        except RateLimited:
            continue
        admitted += 1
    return admitted


async def test_each_replica_admits_its_share() -> None:
    clock = ManualClock()
    rates = RequestRates(clock, replicas=2)
    assert _admitted(rates, _caller("a", 10), 100) == 5
    await clock.advance(1)
    assert _admitted(rates, _caller("a", 10), 100) == 5


async def test_the_refusal_names_limit_and_wait() -> None:
    clock = ManualClock()
    rates = RequestRates(clock, replicas=1)
    caller = _caller("a", 0.1)
    rates.admit(caller)
    with pytest.raises(RateLimited, match=r"may make 0\.1 requests a second") as caught:
        rates.admit(caller)
    assert caught.value.retry_after_s == 10
    await clock.advance(10)
    rates.admit(caller)


async def test_keys_do_not_share_and_a_changed_limit_counts_at_once() -> None:
    rates = RequestRates(ManualClock(), replicas=1)
    assert _admitted(rates, _caller("a", 3), 9) == 3
    assert _admitted(rates, _caller("b", 3), 9) == 3
    assert _admitted(rates, _caller("c", None), 9) == 9
    assert _admitted(rates, _caller("a", 5), 9) == 5


async def test_keys_that_come_no_more_are_forgotten() -> None:
    clock = ManualClock()
    rates = RequestRates(clock, replicas=1)
    for number in range(FORGET_AT):
        rates.admit(_caller(str(number), 1))
    await clock.advance(0.5)
    assert _admitted(rates, _caller("busy", 1), 5) == 1
    assert len(rates._buckets) == FORGET_AT + 1
    await clock.advance(0.5)
    assert _admitted(rates, _caller("another", 1), 5) == 1
    assert len(rates._buckets) == 2
    assert _admitted(rates, _caller("busy", 1), 5) == 0
