from __future__ import annotations

import pytest

from actors.content.letter_widths import gaps, seams, weight


def test_wide_letters_count_for_more() -> None:
    assert weight("i") < weight("e") < weight("n") < weight("N") < weight("m") < weight("漢")


def test_a_space_lies_where_the_letters_before_it_end() -> None:
    ((index, narrow),) = gaps("illi mmmm", 0, 100)
    assert index == 4
    assert narrow < 35
    ((_, wide),) = gaps("mmmm illi", 0, 100)
    assert wide == pytest.approx(100 - narrow)


@pytest.mark.parametrize(("text", "found"), [("57.7%51,994", [5]), ("12apples", [2]), ("A1", [1]), ("plain text", [])])
def test_seams_lie_between_numbers_and_what_follows(text: str, found: list[int]) -> None:
    assert [index for index, _ in seams(text, 0, 100)] == found


def test_no_text_has_no_gaps() -> None:
    assert list(gaps("", 0, 100)) == []
