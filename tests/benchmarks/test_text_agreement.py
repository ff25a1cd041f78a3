from __future__ import annotations

import pytest

from benchmarks.text_agreement import differing_characters, edit_distance

HEAD, BODY = (0.0, 0.0, 100.0, 20.0), (0.0, 30.0, 100.0, 50.0)


@pytest.mark.parametrize(
    ("a", "b", "distance"), [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("abc", "xabc", 1), ("ab", "ba", 2)]
)
def test_edit_distance(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == edit_distance(b, a) == distance


def test_the_order_of_lines_does_not_count() -> None:
    assert differing_characters([("head", HEAD), ("body", BODY)], [("bodi", BODY), ("head", HEAD)]) == 1


def test_lines_without_a_partner_count_whole() -> None:
    assert differing_characters([("head", HEAD)], []) == 4
    assert differing_characters([], [("body", BODY)]) == 4
    assert differing_characters([("head", HEAD)], [("head", BODY)]) == 8
    assert differing_characters([("head", HEAD)], [("head", HEAD), ("head", HEAD)]) == 4
