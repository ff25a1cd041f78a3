"""The page budget, dealt in turn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actors.job.page_queue import PageBudget, PageQueue


def queue(pages: int = 100, megapixels: float = 1000) -> PageQueue[str]:
    return PageQueue(PageBudget(pages, megapixels))


def drain(waiting: PageQueue[str]) -> list[str]:
    taken = []
    while (item := waiting.take()) is not None:
        taken.append(item)
    return taken


def test_jobs_take_turns() -> None:
    waiting = queue()
    for n in range(4):
        waiting.add("book", f"b{n}", 2)
    waiting.add("letter", "l0", 2)
    assert drain(waiting) == ["b0", "l0", "b1", "b2", "b3"]


def test_pages_and_megapixels_bound_what_is_in_flight() -> None:
    waiting = queue(pages=2)
    for n in range(3):
        waiting.add("j", f"{n}", 2)
    assert drain(waiting) == ["0", "1"]
    waiting.release("j", 2)
    assert drain(waiting) == ["2"]
    large = queue(megapixels=10)
    large.add("j", "a", 6)
    large.add("j", "b", 6)
    assert drain(large) == ["a"]
    large.resize("j", 6, 3)
    assert drain(large) == ["b"]


def test_a_page_larger_than_the_budget_goes_alone() -> None:
    waiting = queue(megapixels=10)
    waiting.add("j", "huge", 50)
    waiting.add("j", "small", 1)
    assert drain(waiting) == ["huge"]
    waiting.release("j", 50)
    assert drain(waiting) == ["small"]


def test_dropping_a_job_leaves_the_others() -> None:
    waiting = queue()
    waiting.add("a", "a0", 1)
    waiting.add("b", "b0", 1)
    assert waiting.drop("a") == ["a0"]
    assert drain(waiting) == ["b0"]
    assert waiting.drop("unknown") == []


def test_pages_of_a_held_job_stay_where_they_are() -> None:
    waiting = queue()
    waiting.add("a", "a0", 1)
    waiting.add("b", "b0", 1)
    waiting.held.add("a")
    assert drain(waiting) == ["b0"]
    waiting.held.discard("a")
    assert drain(waiting) == ["a0"]


def test_a_job_with_nothing_in_flight_waits_for_no_place() -> None:
    waiting = queue(pages=2)
    for n in range(9):
        waiting.add("book", f"b{n}", 1)
    assert drain(waiting) == ["b0", "b1"]
    for name in ("letter", "note", "card"):
        waiting.add(name, name, 1)
    assert drain(waiting) == ["letter", "note"], "up to twice the budget"
    waiting.release("letter", 1)
    assert drain(waiting) == ["card"]
    waiting.release("note", 1)
    waiting.release("card", 1)
    assert drain(waiting) == []
    waiting.release("book", 1)
    assert drain(waiting) == ["b2"]


def test_a_book_has_its_turns_however_many_letters_come() -> None:
    waiting = queue(pages=4)
    for n in range(50):
        waiting.add("book", f"b{n}", 1)
    for n in range(20):
        waiting.add(f"letter {n}", f"l{n}", 1)
    flying = drain(waiting)
    read = 0
    for n in range(20, 120):
        waiting.add(f"letter {n}", f"l{n}", 1)  # there is always another one
        done = flying.pop(0)
        read += done.startswith("b")
        waiting.release("book" if done.startswith("b") else f"letter {done[1:]}", 1)
        flying += drain(waiting)
        assert len(flying) <= 8
    assert read >= 4


def test_a_lower_rank_goes_first_and_the_highest_is_not_starved() -> None:
    waiting = queue(pages=100)
    for _ in range(20):
        waiting.add("bulk", "B", 1, rank=2)
        waiting.add("letters", "i", 1, rank=1)
    waiting.add("suspect", "s", 1, rank=0)
    assert "".join(drain(waiting)) == "s" + "i" * 6 + "B" + "i" * 7 + "B" + "i" * 7 + "B" * 18


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.1, 30)), max_size=60), st.integers(1, 8))
def test_everything_gets_through_within_the_budget(pages: list[tuple[str, float]], most: int) -> None:
    waiting: PageQueue[tuple[int, str, float]] = PageQueue(PageBudget(most, 40))
    for number, (job, megapixels) in enumerate(pages):
        waiting.add(job, (number, job, megapixels), megapixels)
    flying: list[tuple[str, float]] = []
    seen: set[int] = set()
    while waiting.waiting or flying:
        item = waiting.take()
        if item is None:
            assert flying, "something waits and nothing is in flight"
            waiting.release(*flying.pop(0))
            continue
        flying.append(item[1:])
        seen.add(item[0])
        assert len(flying) <= 2 * most
        assert len(flying) == 1 or sum(m for _, m in flying) <= 80.001
    assert len(seen) == len(pages)
