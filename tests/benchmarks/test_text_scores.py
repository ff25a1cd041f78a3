from __future__ import annotations

import pytest

from benchmarks.text_scores import Scores, anchor_places, longest_rise, scores

LEFT = "the ferry leaves the harbour at noon"
RIGHT = "a grey cat sleeps under an old chair"


def test_a_perfect_reading() -> None:
    found = scores(LEFT, LEFT, seconds=2.0)
    assert (found.character_error, found.word_error, found.found, found.order) == (0, 0, 1, 1)
    assert (found.pages, found.words, found.characters, found.seconds) == (1, 7, 36, 2.0)


def test_a_wrong_letter_is_a_wrong_word() -> None:
    found = scores(LEFT, LEFT.replace("noon", "moon"))
    assert found.wrong_characters == 1
    assert found.wrong_words == 1
    assert found.shared_words == 6
    assert found.order == 1


def test_case_and_signs_between_words() -> None:
    assert scores("A cat, he said.", "a cat he said").wrong_words == 1
    assert scores("A cat, he said.", "A cat he said").wrong_characters == 2


def test_columns_in_the_wrong_order_cost_words_but_are_found() -> None:
    found = scores(f"{LEFT} {RIGHT}", f"{RIGHT} {LEFT}")
    assert found.found == 1
    assert found.word_error > 0.9
    assert found.order == pytest.approx(7 / 13)  # of 13 pairs that stand in both, the seven of the longer half stay


def test_lines_read_across_two_columns() -> None:
    left, right = [f"l{n} m{n} n{n}" for n in range(6)], [f"r{n} s{n} t{n}" for n in range(6)]
    across = " ".join(f"{a} {b}" for a, b in zip(left, right, strict=True))
    found = scores(" ".join(left + right), across)
    assert found.order == pytest.approx(14 / 24)


def test_nothing_read_and_nothing_there() -> None:
    lost = scores(LEFT, "")
    assert (lost.character_error, lost.word_error, lost.found, lost.order) == (1, 1, 0, None)
    empty = scores("", "")
    assert (empty.character_error, empty.word_error, empty.order) == (0, 0, None)
    made_up = scores("one", "one two three")
    assert made_up.word_error == 2


def test_pages_add_up_by_their_length() -> None:
    both = scores("a b c d e f g h i j", "a b c d e f g h i j") + scores("x y", "")
    assert both.word_error == pytest.approx(2 / 12)
    assert both.pages == 2
    assert Scores() + both == both


def test_only_pairs_that_stand_once_are_anchors() -> None:
    assert anchor_places(["a", "b", "a", "b", "c", "d"], ["c", "d", "b", "c"]) == [2, 0]
    assert anchor_places(["a"], ["a"]) == []


@pytest.mark.parametrize(
    ("numbers", "length"), [([], 0), ([3], 1), ([1, 2, 3], 3), ([3, 2, 1], 1), ([5, 1, 6, 2, 3], 3), ([2, 2, 2], 1)]
)
def test_longest_rise(numbers: list[int], length: int) -> None:
    assert longest_rise(numbers) == length
