from __future__ import annotations

import pytest

from benchmarks.judged_text import judged, markdown_text, without, words_of


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# A heading\n\nOne\nline *and* **more**.", "A heading\nOne\nline and more.\n"),
        ("3. third\n4. fourth\n   - inner", "3. third\n4. fourth\ninner\n"),
        (r"5 \* 3 &lt; 20 \| `code`", "5 * 3 < 20 | code\n"),
        ("a<br>b <sup>2</sup>", "a\nb 2\n"),
        ("|a|b|\n|---|---|\n|c|d|", "a\tb\t\nc\td\t\n"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\tb\t\n\n"),
        ("<!-- page 1 -->\n\nText", "\nText\n"),
        ("![seen](x.png) [linked](http://example.org)", "seen linked\n"),
    ],
)
def test_markdown_leaves_its_text(markdown: str, text: str) -> None:
    assert markdown_text(markdown) == text


@pytest.mark.parametrize(
    ("text", "one_line"),
    [
        ("ﬁnd  the\n\nﬂat\tﬁeld", "find the flat field"),
        ("“It’s” «so»", '"It\'s" "so"'),
        ("a func-\ntion", "a function"),
        ("a user-\n  friendly and a user-friendly", "a userfriendly and a userfriendly"),
        ("state—of–the-art", "stateoftheart"),
        ("it was - so it seems - late", "it was - so it seems - late"),
        ("soft\u00adhyphen", "softhyphen"),
        ("• one\n- two\n* three\n0 Four\no Five", "one two three Four Five"),
        ("0 degrees\noh", "0 degrees oh"),
        ("3.5 % of 1,200", "3.5 % of 1,200"),
    ],
)
def test_judged(text: str, one_line: str) -> None:
    assert judged(text) == one_line


def test_words_have_no_signs_around_them() -> None:
    assert words_of('"It\'s 3.5, or (so) 1,200."') == ["It's", "3.5", "or", "so", "1,200"]


def test_running_lines_go_from_a_reading() -> None:
    page = "2.1 Toplogical spaces\nThe text of\nthe page 37 goes\n37\non.\n37"
    assert judged(page, ["2.1 Topological Spaces", "37"]) == "The text of the page 37 goes 37 on."


def test_a_running_line_takes_one_line_at_most() -> None:
    assert without(["page one", "body", "page one"], ["page one"]) == ["body", "page one"]
    assert without(["body", "more"], ["page one", "7"]) == ["body", "more"]
    assert without([], ["7"]) == []
