from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from actors.ocr.ordered_pool import AHEAD, OrderedPool

THREADS = 2


@pytest.fixture
def pool() -> Iterator[OrderedPool]:
    pool = OrderedPool(THREADS, "test")
    yield pool
    pool.close()


def test_results_come_in_the_order_of_the_items(pool: OrderedPool) -> None:
    def late(number: int) -> int:
        time.sleep(0.01 if number % 2 == 0 else 0)
        return number * 10

    assert list(pool.map(late, range(9))) == [number * 10 for number in range(9)]
    assert list(pool.map(late, [])) == []


def test_items_are_drawn_by_the_caller_and_no_more_than_it_may_be_ahead(pool: OrderedPool) -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for number in range(20):
            assert threading.current_thread() is threading.main_thread()
            drawn.append(number)
            yield number

    results = pool.map(lambda number: number, items())
    assert drawn == []
    assert next(results) == 0
    assert len(drawn) == AHEAD * THREADS


def test_both_threads_work(pool: OrderedPool) -> None:
    meeting = threading.Barrier(THREADS, timeout=10)
    assert len(list(pool.map(lambda _: meeting.wait(), range(2 * THREADS)))) == 2 * THREADS


def test_maps_nest(pool: OrderedPool) -> None:
    inner = pool.map(lambda number: number + 1, range(5))
    assert list(pool.map(lambda number: number * 2, inner)) == [2, 4, 6, 8, 10]


def test_a_failure_comes_at_its_place_and_ends_the_map(pool: OrderedPool) -> None:
    begun: list[int] = []

    def failing(number: int) -> int:
        begun.append(number)
        if number == 1:
            raise ValueError("one")
        return number

    results = pool.map(failing, range(50))
    assert next(results) == 0
    with pytest.raises(ValueError, match="one"):
        next(results)
    assert len(begun) < 50
    assert list(results) == []
    assert list(pool.map(abs, [-1])) == [1]


def test_each_thread_first_does_what_it_is_told() -> None:
    ready = threading.local()

    def prepare() -> None:
        ready.done = True

    pool = OrderedPool(THREADS, "test", first=prepare)
    assert list(pool.map(lambda _: ready.done, range(4))) == [True] * 4
    pool.close()
