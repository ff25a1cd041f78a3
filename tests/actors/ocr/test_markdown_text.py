from __future__ import annotations

import pytest

from actors.ocr.markdown_text import plain_text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# Invoice 4711\n\nDear **Ms *Meier***,", "Invoice 4711\n\nDear Ms Meier,"),
        ("> quoted\n\n## Two\n---\n- item\n1. one", "quoted\n\nTwo\n- item\n1. one"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a\tb\n1\t2"),
        (
            "<table><thead><tr><th>A</th><th>B</th></tr></thead>\n<tr>\n<td>1</td>\n<td>2<br>3</td></tr></table>end",
            "A\tB\n\n1\t2\n3\n\nend",
        ),
        ("<page_number>14</page_number>", "14"),
        ("<watermark>COPY</watermark> <img>A dog.</img>", "COPY A dog."),
        ("```python\nx = [1](y)\n```", "x = 1"),
        ("[Home](https://x.y/z) ![logo](a.png) `code`", "Home logo code"),
        ("2 * 3 * 4 = 24, a < b > c, 5<6", "2 * 3 * 4 = 24, a < b > c, 5<6"),
        ("snake_case __init__ x_1", "snake_case init x_1"),
        ("Smith &amp; Sons &lt;b&gt;", "Smith & Sons <b>"),
        ("$E = mc^2$ ☑ done", "$E = mc^2$ ☑ done"),
        ("#4711 is no heading", "#4711 is no heading"),
        ("", ""),
    ],
)
def test_marks_go_and_words_stay(markdown: str, text: str) -> None:
    assert plain_text(markdown) == text


def test_long_lines_without_an_end_are_no_trouble() -> None:
    for piece in ("**a", "| ", "<td", "[x](", "`", "---|", "_", "* ", "<br "):
        assert isinstance(plain_text(piece * 5000), str)
