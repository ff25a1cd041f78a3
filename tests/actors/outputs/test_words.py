from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.outputs.words import width_of, words_of

HEBREW = ("שלום", "עולם")


def test_words_share_the_line_by_their_widths() -> None:
    first, second = words_of("ill WWW")
    assert (first.text, second.text) == ("ill", "WWW")
    assert (first.start, second.end) == (0.0, 1.0)
    assert first.end - first.start < (second.end - second.start) / 3
    assert first.end < second.start


def test_white_space_of_any_kind_is_between_words() -> None:
    assert [word.text for word in words_of("  a\u00a0b\t c\u3000d ")] == ["a", "b", "c", "d"]
    assert words_of(" \t") == ()


def test_east_asian_characters_are_squares() -> None:
    assert width_of("漢字") == 2000
    assert width_of("e\u0301") == width_of("e")


def test_words_from_right_to_left_stand_as_they_are_seen() -> None:
    first, second = words_of(" ".join(HEBREW))
    assert first.from_right
    assert second.from_right
    assert (first.end, second.start) == (1.0, 0.0)
    assert second.end < first.start


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (f"{HEBREW[0]} two words {HEBREW[1]} {HEBREW[1]}", (4, 3, 1, 2, 0)),
        (f"two {HEBREW[0]} {HEBREW[1]} words more", (0, 2, 1, 3, 4)),
        (f"{HEBREW[0]} 12 {HEBREW[1]}", (2, 1, 0)),
        ("two words 12", (0, 1, 2)),
    ],
)
def test_runs_of_the_other_direction_are_turned_round(text: str, seen: tuple[int, ...]) -> None:
    words = words_of(text)
    assert tuple(sorted(range(len(words)), key=lambda place: words[place].start)) == seen


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60))
def test_words_lie_in_the_line_and_not_over_one_another(text: str) -> None:
    words = words_of(text)
    assert [word.text for word in words] == text.split()
    places = sorted((word.start, word.end) for word in words)
    assert all(0 <= start < end <= 1.000001 for start, end in places)
    assert all(end < start for (_, end), (start, _) in pairwise(places))
