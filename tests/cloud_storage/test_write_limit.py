"""One write a second to one name, with a burst of three."""

from __future__ import annotations

import pytest

from tests.cloud_storage.exchange import Refusal
from tests.cloud_storage.write_limit import WriteCount, WriteLimit


class Watch:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def takes(limit: WriteLimit, name: str = "a") -> bool:
    try:
        limit.take(name)
    except Refusal as refusal:
        if refusal.status != 429:
            raise
        return False
    return True


def test_a_burst_then_one_a_second() -> None:
    watch = Watch()
    limit = WriteLimit(watch)
    assert [takes(limit) for _ in range(5)] == [True, True, True, False, False]
    watch.now += 0.9
    assert not takes(limit)
    watch.now += 0.2
    assert [takes(limit) for _ in range(2)] == [True, False]
    assert limit.counts == {"a": WriteCount(written=4, refused=4)}


def test_the_burst_comes_back_and_does_not_grow() -> None:
    watch = Watch()
    limit = WriteLimit(watch)
    assert takes(limit)
    watch.now += 3600
    assert [takes(limit) for _ in range(4)] == [True, True, True, False]


def test_names_do_not_share() -> None:
    limit = WriteLimit(Watch())
    assert all(takes(limit, name) for name in "aaabbbccc")
    assert not takes(limit, "b")


@pytest.mark.parametrize("rate", [0.5, 0.99])
def test_who_keeps_to_a_write_a_second_is_never_refused(rate: float) -> None:
    watch = Watch()
    limit = WriteLimit(watch)
    for _ in range(200):
        assert takes(limit)
        watch.now += 1 / rate


def test_without_enforcement_it_counts() -> None:
    limit = WriteLimit(Watch(), enforced=False)
    assert all(takes(limit) for _ in range(10))
    assert limit.counts == {"a": WriteCount(written=10)}
