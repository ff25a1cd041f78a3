from __future__ import annotations

import pytest

from actors.content.hyphens import flowing, joined_lines, words_of


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [
        ("the recog-", "nition of text", "the recognition of text"),
        ("the recog‐", "nition", "the recognition"),
        ("the recog¬", "nition", "the recognition"),
        ("the recog\u00ad", "nition", "the recognition"),
        ("Jean-", "Paul", "Jean-Paul"),
        ("COVID-", "19 cases", "COVID-19 cases"),
        ("an IMPOR-", "TANT NOTICE", "an IMPORTANT NOTICE"),
        ("the X-", "Ray", "the X-Ray"),
        ("a T-", "shirt", "a T-shirt"),
        ("state-of-the-", "art", "state-of-the-art"),
        ("a self-", "made man", "a self-made man"),
        ("twenty-", "two", "twenty-two"),
        ("two-", "and threefold", "two- and threefold"),
        ("Vor-", "und Nachteile", "Vor- und Nachteile"),
        ("a word -", "and more", "a word - and more"),
        ("he said—", "nothing", "he said—nothing"),
        ("from 1990–", "1995 on", "from 1990–1995 on"),
        ("either/", "or", "either/or"),
        ("plain", "words", "plain words"),
        ("日本", "語の文", "日本語の文"),
        ("日本", "ABC", "日本 ABC"),
        ("", "words", "words"),
        ("words", "", "words"),
    ],
)
def test_line_ends(left: str, right: str, joined: str) -> None:
    assert joined_lines(left, right) == joined


def test_a_compound_that_stands_elsewhere_on_the_page_keeps_its_hyphen() -> None:
    words = words_of(["the well-tried sea-side house", "and the seaport"])
    assert joined_lines("the sea-", "side", words) == "the sea-side"
    assert joined_lines("the sea-", "port", words) == "the seaport"


def test_a_word_that_stands_whole_elsewhere_loses_a_hyphen_that_it_would_keep() -> None:
    assert joined_lines("cross-", "ing", words_of(["a crossing"])) == "crossing"


def test_a_word_that_ends_like_and_is_whole_elsewhere_is_joined() -> None:
    assert joined_lines("a pota-", "to salad", words_of(["one potato"])) == "a potato salad"
    assert joined_lines("on-", "and offline", words_of(["one potato"])) == "on- and offline"


def test_a_paragraph_of_several_lines() -> None:
    assert flowing(["One sen-", "tence over", "three lines."]) == "One sentence over three lines."
