"""Sets of pages as whole numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve_app.page_set import lowest, page_set, span, spelled


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
        assert span(min(a), max(a)) == page_set(range(min(a), max(a) + 1))
