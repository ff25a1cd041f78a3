"""What the text of a line at a page's edge gives away."""

from __future__ import annotations

import pytest

from actors.content.running_marks import (
    carries_facts,
    is_dated,
    is_one_of_one,
    is_published,
    names_paper,
    tells_foot,
)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Bank of the North, account 7730 1182 5", True),
        ("Registered in Oldbridge, number 04471", True),
        ("Telephone 0555 318 240", True),
        ("office@marlowfinch.example", True),
        ("Printed 12.03.2021 11:14", False),
        ("https://example.org/12345678", False),
        ("Report 2019-2020", False),
        ("A Journal of Things", False),
        ("", False),
    ],
)
def test_long_numbers_and_mail_addresses_are_facts(text: str, *, facts: bool) -> None:
    assert carries_facts(text) is facts


@pytest.mark.parametrize("text", ["Oldbridge, 4 May 2026", "12.03.2026", "March 3, 2020", "den 3. Mai", "2026-03-12"])
def test_days(text: str) -> None:
    assert is_dated(text)


@pytest.mark.parametrize(
    "text",
    ["May 2020", "Chapter 12", "Marching home", "1 Introduction", "The Daily News from Oldbridge, Monday 4 May 2026"],
)
def test_no_days(text: str) -> None:
    assert not is_dated(text)


@pytest.mark.parametrize(
    ("text", "foot"),
    [
        ("Printed 12.03.2021", True),
        ("Gedruckt am 12.03.2021", True),
        ("12.03.2021 rev. 4", True),
        ("www.example.org", True),
        ("12.03.2021", False),
        ("Oldbridge, 12.03.2021", False),
        ("Standing orders", False),
    ],
)
def test_a_date_alone_is_no_footer(text: str, *, foot: bool) -> None:
    assert tells_foot(text) is foot


@pytest.mark.parametrize("text", ["© 2020 A Press", "ISSN 1234-5678", "Vol. 77, No. 8", "doi: 10.1016/j.x", "pp. 4850"])
def test_publications(text: str) -> None:
    assert is_published(text)


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("Invoice 117", True),
        ("Purchase order 88", True),
        ("Rechnung Nr. 4", True),
        ("The new world order 117", False),
        ("The history of Rome 117", False),
        ("117", False),
    ],
)
def test_papers_with_numbers_of_their_own(text: str, *, paper: bool) -> None:
    assert names_paper(text) is paper


def test_page_one_of_one() -> None:
    assert all(map(is_one_of_one, ("Page 1 of 1", "1/1", "Seite 1 von 1")))
    assert not any(map(is_one_of_one, ("Page 1 of 10", "11/1", "2 of 2", "1")))
