from __future__ import annotations

import pytest

from actors.content.lists import item_starts, levels, marker_of


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("• Apples", "•"),
        ("•Apples", "•"),
        ("- Apples", "-"),
        ("–Apples", "–"),
        ("* Apples", "*"),
        ("· Apples", "·"),
        ("o Apples", "o"),
        ("1. Apples", "1."),
        ("12) Apples", "12)"),
        ("(3) Apples", "(3)"),
        ("a) Apples", "a)"),
        ("(iv) Apples", "(iv)"),
        ("[7] Apples", "[7]"),
    ],
)
def test_markers(text: str, marker: str) -> None:
    found = marker_of(text)
    assert found is not None
    assert (found.text, text[found.length :]) == (marker, "Apples")


@pytest.mark.parametrize(
    "text",
    ["Apples", "3.14 is pi", "-5 degrees", "1984 was", "U.S. law", "ooze", "e.g. this", "+ 5", "0 12 14", "> 3", ""],
)
def test_no_markers(text: str) -> None:
    assert marker_of(text) is None


def test_a_lone_number_or_dash_begins_no_item_unless_a_model_says_so() -> None:
    for texts in (["some text", "12. more text"], ["- said he", "and went"], ["7. seven", "90. ninety"]):
        assert not any(item_starts(texts, listed=False))
        assert any(item_starts(texts, listed=True))


def test_numbers_that_follow_each_other_begin_items_and_a_bullet_always_does() -> None:
    assert [bool(marker) for marker in item_starts(["1. one", "goes on", "2. two"], False)] == [True, False, True]
    assert [bool(marker) for marker in item_starts(["- one", "- two"], False)] == [True, True]
    assert [bool(marker) for marker in item_starts(["text", "• one"], False)] == [False, True]


def test_a_lone_o_begins_items_where_half_of_the_rows_do_since_it_is_a_word_too() -> None:
    assert all(item_starts(["o Apples", "o Pears"], False))
    rows = ["Era uma vez um rei, e", "o rei tinha", "uma filha, que", "o povo amava muito", "mais do que a todos"]
    assert not any(item_starts(rows, False))
    assert not any(item_starts(["My love, my love,", "O my love is like", "O my love is like"], False))


def test_levels_follow_left_edges_one_step_at_a_time() -> None:
    assert levels([100, 101, 140, 180, 140, 99], 20) == [1, 1, 2, 3, 2, 1]
    assert levels([140, 100, 140], 20) == [1, 1, 2]
