"""Letters by their places, put in the order of reading."""

from __future__ import annotations

import pytest

from actors.render.writing_order import Letter, in_reading_order, is_leftward


def shown(*text: str) -> list[Letter]:
    """Letters as a line shows them, from left to right."""
    return [Letter(letter, place) for place, letter in enumerate(text)]


@pytest.mark.parametrize(
    ("seen", "read"),
    [
        ("גבא", "אבג"),
        ("והד גבא", "אבג דהו"),
        ("והד 123 גבא", "אבג 123 דהו"),
        ("רתוי 3.5% ,התיה 1984 תנש", "שנת 1984 היתה, 3.5% יותר"),
        ("והד $5 גבא", "אבג $5 דהו"),
        ("והד 12-34 גבא", "אבג 12-34 דהו"),
        ("1985 1984 תנש", "שנת 1984 1985"),
        ("בתכנ The Book 2 רפסה", "הספר The Book 2 נכתב"),
        ("طحز (وهد) جبا", "ابج (دهو) زحط"),
        ("(א", "א)"),
        ("hello והד גבא world", "hello אבג דהו world"),
        ("Aa Bb גבא.", "Aa Bb אבג."),
        ("Latin alone (1)", "Latin alone (1)"),
        ("", ""),
    ],
)
def test_a_line_is_read_as_a_person_would(seen: str, read: str) -> None:
    assert in_reading_order(shown(*seen)) == read
    assert in_reading_order(reversed(shown(*seen))) == read, "whatever the order of the file"


def test_brackets_that_the_file_has_right_already_stay() -> None:
    assert in_reading_order(shown(*"טחז )והד( גבא")) == "אבג (דהו) זחט"


def test_what_one_glyph_stands_for_stays_together() -> None:
    assert in_reading_order([Letter("לא", 0), Letter("שׁ", 1)]) == "שׁלא"


def test_letters_that_are_read_from_right_to_left_are_known() -> None:
    assert is_leftward("abc א")
    assert is_leftward("ا")
    assert not is_leftward("abc 123 漢字 (…)")
