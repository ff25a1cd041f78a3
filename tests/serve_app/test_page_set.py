"""Sets of pages as whole numbers."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve_app.page_set import lowest, page_set, spelled


@pytest.mark.parametrize(
    ("pages", "text"),
    [((), ""), ((1,), "1"), ((1, 2, 3, 7), "1-3,7"), ((2, 1), "1-2"), ((5, 7, 9), "5,7,9"), (range(1, 5001), "1-5000")],
)
def test_spelling(pages: tuple[int, ...], text: str) -> None:
    assert spelled(page_set(pages)) == text


@given(st.sets(st.integers(1, 3000)), st.sets(st.integers(1, 3000)))
def test_it_is_a_set(a: set[int], b: set[int]) -> None:
    assert page_set(a) | page_set(b) == page_set(a | b)
    assert page_set(a) & ~page_set(b) == page_set(a - b)
    if a:
        assert lowest(page_set(a)) == min(a)


def test_scattered_pages_are_spelled_in_one_pass() -> None:
    begun = time.process_time()
    assert spelled(page_set(range(1, 100_000, 2))).startswith("1,3,5,")
    assert time.process_time() - begun < 0.5, "the event loop stands still as long, and at every event"
