"""Page ranges: spelled as short as can be, and meaning the pages that they name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.errors import OptionInvalid, PageRangeInvalid
from cluster.page_range import check_page_range, select_pages, spell_pages

spans = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 20)), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        *[("3", "3"), ("1-3,7", "1-3,7"), (" 1 - 3 , 7 ", "1-3,7"), ("4-4", "4"), ("007", "7")],
        *[("7,1-3", "1-3,7"), ("1-5,2-3", "1-5"), ("3,1,2", "1-3"), ("5,5,5", "5"), ("1-4,3-6,9", "1-6,9")],
    ],
)
def test_the_shortest_spelling(text: str, short: str) -> None:
    assert check_page_range(text) == short


def test_a_range_that_is_asked_for_thousands_of_times_is_one_range() -> None:
    """A form has room for so many, and the host that opens the document must not go over each page by page."""
    text = ",".join(["1-5000"] * 9000)
    assert check_page_range(text) == "1-5000"
    assert select_pages(text, 5000) == tuple(range(1, 5001))


@pytest.mark.parametrize(
    "text", ["", " ", ",", "1,", "0", "0-3", "9-2", "-3", "3-", "1-2-3", "a", "1.5", "1234567", "1;2"]
)
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(OptionInvalid, match="`pages`"):
        check_page_range(text)


def test_a_long_part_is_not_repeated_in_full() -> None:
    with pytest.raises(OptionInvalid) as caught:
        check_page_range("x" * 10_000)
    assert len(caught.value.detail) < 200


def test_none_asks_for_all_pages() -> None:
    assert select_pages(None, 3) == (1, 2, 3)


def test_pages_come_rising_and_once() -> None:
    assert select_pages("5,1-3,2", 5) == (1, 2, 3, 5)


def test_beyond_the_end_names_the_page_and_the_end() -> None:
    with pytest.raises(PageRangeInvalid, match=r"page 9\b.*ends with page 8"):
        select_pages("1-3,9", 8)


@given(spans)
def test_a_range_means_the_pages_it_names(parts: list[tuple[int, int]]) -> None:
    text = ",".join(f"{first}-{first + more}" for first, more in parts)
    named = {page for first, more in parts for page in range(first, first + more + 1)}
    assert select_pages(text, 80) == tuple(sorted(named))
    assert select_pages(check_page_range(text), 80) == tuple(sorted(named))
    assert check_page_range(check_page_range(text)) == check_page_range(text)


@given(st.sets(st.integers(1, 80)))
def test_pages_are_spelled_as_they_would_be_asked_for(pages: set[int]) -> None:
    spelled = spell_pages(sorted(pages))
    assert spelled == "" if not pages else select_pages(check_page_range(spelled), 80) == tuple(sorted(pages))


def test_pages_in_a_row_are_a_range() -> None:
    assert spell_pages([1, 2, 3, 7, 9, 10]) == "1-3,7,9-10"
