from __future__ import annotations

import pytest

from actors.content.markdown import escaped, heading, list_item, page_markdown, page_text, paragraph, table
from cluster.page_text import Block, BlockKind, Cell

BOX = (0.0, 0.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("# no heading", r"\# no heading"),
        ("#hashtag", "#hashtag"),
        ("> no quote", r"\> no quote"),
        ("- no item", r"\- no item"),
        ("1. a numbered paragraph", "1. a numbered paragraph"),
        ("1984. It was", r"1984\. It was"),
        ("---", r"\---"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("so *much* so", r"so \*much\* so"),
        ("a footnote*", "a footnote*"),
        ("snake_case_name", "snake_case_name"),
        ("_under_", r"\_under\_"),
        ("a < b and <b>", r"a < b and \<b>"),
        ("`code`", r"\`code\`"),
        ("[1] and [2]", "[1] and [2]"),
        ("[a](b)", r"\[a](b)"),
        ("AT&T &amp; co", r"AT&T \&amp; co"),
        ("two\nlines", "two  \nlines"),
        ("text\n--", "text  \n\\--"),
        ("text\n=", "text  \n\\="),
        ("-", r"\-"),
        ("1.", r"1\."),
        ("a | b\n|---|---|", "a | b  \n\\|---|---|"),
        ("(G, *), a * b", "(G, *), a * b"),
        ("*a * b*", r"\*a \* b\*"),
        ("[1]: http://a.b", r"\[1]: http://a.b"),
        (r"C:\_x\y", r"C:\\_x\y"),
        ("*two\nlines*", "\\*two  \nlines\\*"),
        ("__init__ and _a_b_", r"\_\_init\_\_ and \_a\_b\_"),
        ("Name ____ Date ____", "Name ____ Date ____"),
    ],
)
def test_only_what_would_change_its_meaning_is_escaped(text: str, markdown: str) -> None:
    assert paragraph(text) == markdown


@pytest.mark.parametrize(("text", "markdown"), [("In C #", r"## In C \#"), ("C#", "## C#"), ("#", r"## \#")])
def test_a_heading_keeps_the_signs_at_its_end(text: str, markdown: str) -> None:
    assert heading(text, 2) == markdown


def test_an_item_is_no_heading_and_no_quotation() -> None:
    assert [list_item(text, "-", 1) for text in ("# a", "> a")] == [r"- \# a", r"- \> a"]


def test_escapes_stand_inside_words_too() -> None:
    assert escaped("x~~y~~z") == r"x\~\~y\~\~z"


@pytest.mark.parametrize(
    ("marker", "level", "markdown"),
    [("•", 1, "- text"), ("-", 2, "    - text"), ("3.", 1, "3. text"), ("2)", 1, "2) text"), ("(a)", 1, "- (a) text")],
)
def test_items(marker: str, level: int, markdown: str) -> None:
    assert list_item("text", marker, level) == markdown


def test_a_table_has_a_row_of_heads_and_its_bars_escaped() -> None:
    cells = [Cell(0, 0, "a", BOX), Cell(0, 1, "b|c", BOX), Cell(1, 0, "", BOX), Cell(1, 1, "d", BOX)]
    assert table(cells) == "| a | b\\|c |\n| --- | --- |\n|  | d |"


def test_a_table_with_a_cell_over_two_columns_is_html() -> None:
    cells = [Cell(0, 0, "a & b", BOX, 1, 2), Cell(1, 0, "c", BOX), Cell(1, 1, "d", BOX)]
    assert table(cells) == ('<table>\n<tr><th colspan="2">a &amp; b</th></tr>\n<tr><td>c</td><td>d</td></tr>\n</table>')


def block(kind: BlockKind, text: str) -> Block:
    return Block(kind, BOX, (0,), text, text)


def test_running_lines_are_left_out_and_items_stand_together() -> None:
    blocks = [
        block(BlockKind.PAGE_HEADER, "head"),
        block(BlockKind.PARAGRAPH, "text"),
        block(BlockKind.LIST_ITEM, "- a"),
        block(BlockKind.LIST_ITEM, "- b"),
        block(BlockKind.FIGURE, ""),
        block(BlockKind.PARAGRAPH, "more"),
        block(BlockKind.PAGE_FOOTER, "foot"),
    ]
    assert page_text(blocks) == page_markdown(blocks) == "text\n\n- a\n- b\n\nmore"


def test_a_page_of_running_lines_alone_keeps_them() -> None:
    assert page_text([block(BlockKind.PAGE_HEADER, "head"), block(BlockKind.PAGE_FOOTER, "7")]) == "head\n\n7"
