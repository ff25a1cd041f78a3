from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.ocr.vlm_scheduler import LIKE, Scheduler


def scheduler(*sizes: int, rows: int = 4, group_tokens: int = 1000, refill: bool = True) -> Scheduler[str]:
    """With waiting pages named a, b, c ..., of one shape."""
    made: Scheduler[str] = Scheduler(rows, group_tokens, refill=refill)
    for name, size in zip("abcdefghij", sizes, strict=False):
        made.add(name, size, "portrait")
    return made


def test_pages_of_like_size_enter_together_those_nearest_to_the_first() -> None:
    made = scheduler(100, 300, 120, 90, 101, rows=3)
    assert made.admit() == ["a", "e", "d"]
    assert made.admit() == []
    made.finish("d")
    assert made.admit() == ["b"]  # it has waited longest


def test_pages_of_another_shape_enter_by_themselves() -> None:
    made = scheduler(100, 100)
    made.add("tall", 100, "tall")
    made.add("c", 100, "portrait")
    assert [made.admit() for _ in range(2)] == [["a", "b", "c"], ["tall"]]


def test_a_group_keeps_to_its_tokens_padding_included() -> None:
    assert scheduler(100, 110, 110, 110, group_tokens=330).admit() == ["a", "b", "c"]
    assert scheduler(5000, 5000, group_tokens=330).admit() == ["a"]


def test_a_free_row_is_filled_at_once() -> None:
    made = scheduler(10, 10, 10, rows=2)
    assert made.admit() == ["a", "b"]
    made.finish("a")
    assert made.admit() == ["c"]
    assert made.running == ["b", "c"]


def test_a_static_batch_lets_nobody_in_before_its_last_page_has_left() -> None:
    made = scheduler(10, 10, 10, rows=2, refill=False)
    assert made.admit() == ["a", "b"]
    made.finish("a")
    assert made.admit() == []
    made.finish("b")
    assert made.admit() == ["c"]


def test_who_is_put_back_goes_first_and_keeps_its_order() -> None:
    made = scheduler(10, 10, 10, 10, rows=3)
    made.admit()
    made.put_back(["c", "b"])
    assert made.running == ["a"]
    assert made.admit() == ["b", "c"]


def test_a_page_alone_waits_for_the_others_and_they_for_it() -> None:
    made = scheduler(10, 10, 10, rows=2)
    made.admit()
    made.put_back(["a"], alone=True)
    assert made.admit() == []
    made.finish("b")
    assert made.admit() == ["a"]
    assert made.admit() == []
    made.finish("a")
    assert made.admit() == ["c"]


def test_fewer_rows_take_effect_as_pages_leave() -> None:
    made = scheduler(10, 10, 10, 10, rows=3)
    made.admit()
    made.rows = 1
    made.finish("a")
    made.finish("b")
    assert made.admit() == []
    made.finish("c")
    assert made.admit() == ["d"]


@pytest.mark.parametrize("refill", [True, False])
@given(
    sizes=st.lists(st.integers(1, 400), max_size=40),
    rows=st.integers(1, 6),
    tokens=st.integers(1, 1000),
    chance=st.randoms(use_true_random=False),
)
def test_every_page_gets_its_row(refill: bool, sizes: list[int], rows: int, tokens: int, chance: object) -> None:
    made: Scheduler[int] = Scheduler(rows, tokens, refill=refill)
    for number, size in enumerate(sizes):
        made.add(number, size, size % 2, alone=size % 7 == 0)
    left: list[int] = []
    while len(left) < len(sizes):
        group = made.admit()
        assert group or made.running
        assert len(made.running) <= rows
        if group:
            widths = [sizes[number] for number in group]
            assert max(widths) <= LIKE**2 * min(widths)
            assert len(group) == 1 or max(widths) * len(group) <= tokens
            assert len({size % 2 for size in widths}) == 1
        if any(sizes[number] % 7 == 0 for number in made.running):
            assert len(made.running) == 1
        gone = made.running[chance.randrange(len(made.running))]  # type: ignore[attr-defined]
        made.finish(gone)
        left.append(gone)
    assert sorted(left) == list(range(len(sizes)))
    assert (made.waiting, made.running) == (0, [])


def steps_for(lengths: list[int], *, refill: bool) -> int:
    """Steps that a model of 16 rows takes for pages of so many tokens."""
    made: Scheduler[int] = Scheduler(16, 10**6, refill=refill)
    for number in range(len(lengths)):
        made.add(number, 100, "portrait")
    left, steps = dict(enumerate(lengths)), 0
    while left:
        made.admit()
        steps += 1
        for number in made.running:
            left[number] -= 1
            if not left[number]:
                del left[number]
                made.finish(number)
    return steps


def test_rows_that_are_refilled_save_steps_where_lengths_differ() -> None:
    chance = random.Random(1)
    lengths = [max(1, round(chance.lognormvariate(0, 0.9) * 60)) for _ in range(128)]
    static, in_flight = steps_for(lengths, refill=False), steps_for(lengths, refill=True)
    assert sum(lengths) / 16 <= in_flight < static / 1.3
    assert steps_for([40] * 128, refill=True) == steps_for([40] * 128, refill=False) == 320
