from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.outputs.glyphless_font import ExtraCodes
from actors.outputs.text_layer import EXTRA_FONT, FONT, text_layer
from cluster.page_text import Line

UPRIGHT = (1.0, 0.0, 0.0, -1.0, 0.0, 800.0)
"""A page of 800 points; PDF counts from its bottom."""


def layer(*lines: Line, rotation: int = 0) -> str:
    return text_layer(lines, rotation, UPRIGHT, ExtraCodes()).decode("ascii")


def test_a_word_is_stretched_to_its_place_on_the_baseline() -> None:
    """Four characters of half of 20 points are 40 points, and stand on 100."""
    made = layer(Line("word", (50, 100, 150, 120), 1))
    assert made == (
        "q BT 3 Tr\n250.00 Tz 1.00000 0.00000 0.00000 1.00000 50.00 684.00 Tm "
        f"/{FONT} 20.000 Tf <0077006f007200640020> Tj\nET Q\n"
    )


def test_words_are_kept_apart_by_spaces() -> None:
    first, second = layer(Line("a b", (0, 0, 100, 20), 1)).splitlines()[1:3]
    assert "<00610020>" in first
    assert "<00620020>" in second


def test_characters_beyond_the_first_plane_are_in_a_font_of_their_own() -> None:
    extra = ExtraCodes()
    made = text_layer([Line("a😀b😀😎", (0, 0, 100, 20), 1)], 0, UPRIGHT, extra).decode()
    assert f"/{FONT} 20.000 Tf <0061> Tj /{EXTRA_FONT} 20.000 Tf <0000> Tj /{FONT}" in made
    assert f"/{EXTRA_FONT} 20.000 Tf <00000001> Tj /{FONT} 20.000 Tf <0020> Tj" in made
    assert extra.letters == ("😀", "😎")


def test_lines_that_are_nowhere_are_left_out() -> None:
    assert layer(Line("text", (5, 5, 5, 25), 1), Line("text", (5, 5, 25, 5), 1), Line(" ", (0, 0, 9, 9), 1)) == ""
    assert layer(Line("text", (0, 0, 9, 9), 1, (float("nan"),) * 8)) == ""


@settings(deadline=None, max_examples=100)
@given(
    st.text(st.characters(categories=None), max_size=20),
    st.tuples(*(st.floats(-2000, 2000) for _ in range(8))),
)
def test_nothing_but_numbers_and_operators_is_written(text: str, quad: tuple[float, ...]) -> None:
    """No exponent, which PDF does not know, and nothing of the text as it is."""
    made = layer(Line(text, (0, 0, 9, 9), 1, quad))  # type: ignore[arg-type]
    number = r"-?\d+\.\d+"
    shown = rf"(/({FONT}|{EXTRA_FONT}) {number} Tf <([0-9a-f]{{4}})+> Tj ?)+"
    rows = made.splitlines()
    assert all(re.fullmatch(rf"{number} Tz ({number} ){{6}}Tm {shown}", row) for row in rows[1:-1])
    assert rows == [] or (rows[0], rows[-1]) == ("q BT 3 Tr", "ET Q")
