from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actors.ocr.batch_queue import BatchQueue, Place, WaitUntil
from actors.ocr.engine import BatchLimits

LIMITS = BatchLimits(pages=3, pixels=100, wait_ms=50)


def queue_of(*pages: tuple[str, int], now: float = 0, limits: BatchLimits = LIMITS) -> BatchQueue[str]:
    """Pages (name, pixels); a name in capitals wants to be alone."""
    queue: BatchQueue[str] = BatchQueue(limits)
    for name, cost in pages:
        queue.add(name, cost, now, Place(alone=name.isupper()))
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
        queue.add(index, cost, 0.0, Place(alone=alone))
    left: list[int] = []
    while isinstance(batch := queue.take(1.0), list):
        assert batch
        assert len(batch) <= most_pages
        if len(batch) > 1:
            assert sum(pages[index][0] for index in batch) <= most_pixels
            assert not any(pages[index][1] for index in batch)
        left += batch
    assert left == list(range(len(pages)))


def fair_queue(*pages: tuple[str, int], limits: BatchLimits = LIMITS) -> BatchQueue[str]:
    """Pages (name, rank); a name's first letter is its job, one that ends in an exclamation mark wants to be alone."""
    queue: BatchQueue[str] = BatchQueue(limits)
    for name, rank in pages:
        queue.add(name, 1, 0, Place(name[0], rank, name.endswith("!")))
    return queue


def test_jobs_take_turns_and_their_pages_stay_in_order() -> None:
    queue = fair_queue(("a1", 1), ("a2", 1), ("a3", 1), ("a4", 1), ("b1", 1))
    assert queue.take(1e9) == ["a1", "b1", "a2"]
    queue.add("c1", 1, 0, Place("c", 1))
    assert queue.take(1e9) == ["a3", "c1", "a4"]


def test_who_was_served_last_is_last_in_turn() -> None:
    queue = fair_queue(("a1", 1), ("a2", 1), ("b1", 1), ("b2", 1), limits=BatchLimits(1, 100, 0))
    assert batches(queue) == ["a1", "b1", "a2", "b2"]


def test_a_lower_rank_fills_the_batch_first() -> None:
    queue = fair_queue(("a1", 2), ("a2", 2), ("b1", 1), ("b2", 1))
    assert queue.take(1e9) == ["b1", "b2", "a1"]


def test_smaller_batches_once_a_larger_one_did_not_fit() -> None:
    queue = queue_of(("a", 1), ("b", 1), ("c", 1), ("d", 1))
    queue.shrink(2)
    queue.shrink(3)
    assert batches(queue) == ["ab", "cd"]
    queue.shrink(0)
    assert queue.limits.pages == 1


def test_pages_enter_one_by_one_as_places_are_free() -> None:
    queue = fair_queue(("a1", 1), ("a2", 1), ("b1", 1))
    assert queue.take_in(2, empty=True) == ["a1", "b1"]
    assert queue.take_in(0, empty=False) == []
    assert queue.take_in(5, empty=False) == ["a2"]


def test_a_page_that_wants_to_be_alone_enters_an_empty_device() -> None:
    queue = fair_queue(("a1!", 1), ("b1", 1))
    assert queue.take_in(4, empty=False) == []
    assert queue.take_in(4, empty=True) == ["a1!"]
    assert queue.take_in(4, empty=True) == ["b1"]
    last = fair_queue(("a1", 1), ("b1!", 1))
    assert last.take_in(4, empty=True) == ["a1"]
