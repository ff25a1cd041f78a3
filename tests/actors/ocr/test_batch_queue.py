from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actors.ocr.batch_queue import BatchQueue, WaitUntil
from actors.ocr.engine import BatchLimits

LIMITS = BatchLimits(pages=3, pixels=100, wait_ms=50)


def queue_of(*pages: tuple[str, int], now: float = 0, limits: BatchLimits = LIMITS) -> BatchQueue[str]:
    """Pages (name, pixels); a name in capitals wants to be alone."""
    queue: BatchQueue[str] = BatchQueue(limits)
    for name, cost in pages:
        queue.add(name, cost, now, alone=name.isupper())
    return queue


def batches(queue: BatchQueue[str], now: float = 1e9) -> list[str]:
    taken = []
    while isinstance(batch := queue.take(now), list):
        taken.append("".join(batch))
    return taken


def test_nothing_waits() -> None:
    assert queue_of().take(0) is None


def test_a_full_batch_goes_at_once() -> None:
    assert queue_of(("a", 1), ("b", 1), ("c", 1), ("d", 1)).take(0) == ["a", "b", "c"]


def test_a_batch_that_is_not_full_waits_no_longer_than_the_limit() -> None:
    queue = queue_of(("a", 1), now=10)
    assert queue.take(10) == WaitUntil(10.05)
    queue.add("b", 1, 10.04)
    assert queue.take(10.04) == WaitUntil(10.05)
    assert queue.take(10.05) == ["a", "b"]


def test_waiting_counts_from_when_the_device_is_free() -> None:
    queue = queue_of(("a", 1), now=0)
    queue.device_freed(9)
    assert queue.take(9) == WaitUntil(9.05)
    assert queue.take(9.05) == ["a"]


def test_without_a_wait_what_is_there_goes() -> None:
    assert queue_of(("a", 1), limits=BatchLimits(3, 100, 0)).take(0) == ["a"]


def test_pixels_fill_a_batch() -> None:
    assert batches(queue_of(("a", 60), ("b", 40), ("c", 50), ("d", 60))) == ["ab", "c", "d"]
    assert queue_of(("a", 60), ("b", 41)).take(0) == ["a"]  # b can't join, so nothing is waited for


def test_a_page_above_the_budget_goes_alone() -> None:
    assert batches(queue_of(("a", 10), ("b", 500), ("c", 10))) == ["a", "b", "c"]


def test_pages_that_want_to_be_alone_are_and_keep_their_turn() -> None:
    assert batches(queue_of(("a", 1), ("B", 1), ("C", 1), ("d", 1), ("e", 1))) == ["a", "B", "C", "de"]
    assert queue_of(("A", 1)).take(0) == ["A"]


def test_an_item_can_be_taken_out() -> None:
    queue = queue_of(("a", 1), ("b", 1))
    assert queue.remove("a")
    assert not queue.remove("a")
    assert len(queue) == 1
    assert batches(queue) == ["b"]


@given(
    st.lists(st.tuples(st.integers(1, 150), st.booleans()), max_size=30),
    st.integers(1, 5),
    st.integers(1, 200),
)
def test_every_page_leaves_once_in_order_and_within_the_limits(
    pages: list[tuple[int, bool]], most_pages: int, most_pixels: int
) -> None:
    queue: BatchQueue[int] = BatchQueue(BatchLimits(most_pages, most_pixels, 10))
    for index, (cost, alone) in enumerate(pages):
        queue.add(index, cost, 0.0, alone=alone)
    left: list[int] = []
    while isinstance(batch := queue.take(1.0), list):
        assert batch
        assert len(batch) <= most_pages
        if len(batch) > 1:
            assert sum(pages[index][0] for index in batch) <= most_pixels
            assert not any(pages[index][1] for index in batch)
        left += batch
    assert left == list(range(len(pages)))
