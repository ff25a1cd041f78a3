from __future__ import annotations

from actors.content.direction import Direction
from actors.content.paragraphs import continued, paragraphs
from actors.content.piece import pieces_of
from actors.content.rows import rows_of
from cluster.page_text import BlockKind, Line
from tests.actors.content.pages import WIDTH, line, prose


def texts(lines: list[Line], listed: bool = False) -> list[str]:
    rows = rows_of(pieces_of(lines, Direction.RIGHTWARD, WIDTH))
    return [f"{draft.marker}{draft.text}" for draft in paragraphs(rows, frozenset(), listed)]


def test_rows_of_a_paragraph_are_joined() -> None:
    assert texts(prose(["This is a para-", "graph of three", "rows."], 50, 100)) == [
        "This is a paragraph of three rows."
    ]


def test_a_row_that_is_set_in_begins_a_paragraph() -> None:
    rows = [line("A paragraph of", 50, 100, 330), line("two rows ends.", 50, 125, 330)]
    rows += [line("Another begins", 75, 150, 305), line("and goes on.", 50, 175, 330)]
    assert texts(rows) == ["A paragraph of two rows ends.", "Another begins and goes on."]


def test_a_row_that_hangs_out_begins_a_paragraph() -> None:
    rows = [line("Adams, a book", 50, 100, 330), line("of many pages", 80, 125, 300), line("and more.", 80, 150, 300)]
    rows += [line("Baker, another", 50, 175, 330), line("book", 80, 200, 100)]
    assert texts(rows) == ["Adams, a book of many pages and more.", "Baker, another book"]


def test_a_row_that_stands_apart_begins_a_paragraph() -> None:
    rows = [*prose(["One.", "two", "three."], 50, 100), *prose(["Four", "five."], 50, 200)]
    assert texts(rows) == ["One. two three.", "Four five."]


def test_a_short_row_that_ends_a_sentence_ends_a_paragraph() -> None:
    rows = [*prose(["A full row of the text", "and another of them"], 50, 100), line("the end.", 50, 150, 110)]
    rows += prose(["Then a new one begins", "and ends in a full row."], 50, 175)
    assert texts(rows) == [
        "A full row of the text and another of them the end.",
        "Then a new one begins and ends in a full row.",
    ]


def test_rows_of_an_address_stay_lines() -> None:
    rows = [line("Institute of Applied Physics", 50, 100), line("Main Road 12", 50, 125), line("Oldbridge", 50, 150)]
    assert texts(rows) == ["Institute of Applied Physics\nMain Road 12\nOldbridge"]


def test_items_with_rows_that_go_on() -> None:
    rows = [line("• The first item is", 50, 100, 330), line("of two rows", 75, 125, 150)]
    rows += [line("• the second of one", 50, 150, 330)]
    assert texts(rows) == ["•The first item is of two rows", "•the second of one"]


def test_larger_letters_begin_a_paragraph() -> None:
    rows = [line("A Heading Here", 50, 100, 200, 32), line("and the text below", 50, 135, 330)]
    assert texts(rows) == ["A Heading Here", "and the text below"]


def drafts(*columns: list[Line], kind: BlockKind = BlockKind.PARAGRAPH) -> list[str]:
    made = []
    for column in columns:
        made += paragraphs(rows_of(pieces_of(column, Direction.RIGHTWARD, WIDTH)), frozenset())
    return [draft.text for draft in continued(made, frozenset())]


def test_a_paragraph_goes_on_in_the_next_column() -> None:
    left, right = prose(["It begins here and is", "broken in the mid-"], 50, 100), prose(["dle of it. So."], 420, 100)
    assert drafts(left, right) == ["It begins here and is broken in the middle of it. So."]


def test_a_sentence_that_ended_does_not_go_on() -> None:
    left, right = prose(["It begins here and", "ends here."], 50, 100), prose(["the next one", "is."], 420, 100)
    assert len(drafts(left, right)) == 2


def test_labels_are_no_sentences() -> None:
    assert len(drafts([line("width", 50, 100)], [line("height", 420, 100)])) == 2


def test_a_paragraph_whose_first_row_is_higher_goes_on_for_a_third_time() -> None:
    first = [line("It begins in a row", 50, 800, 330, 24.5)]
    assert drafts(
        first, prose(["and goes on over", "the column and"], 420, 100), [line("more.", 420, 500, 60, 17)]
    ) == ["It begins in a row and goes on over the column and more."]


def test_a_caption_that_no_model_told_interrupts_a_paragraph() -> None:
    left, right = prose(["It begins here and is", "broken by"], 50, 100), prose(["a figure. And", "ends."], 420, 100)
    caption = [line("Fig. 2. What is to be seen in the upper half of this picture of a river.", 50, 300, 330)]
    assert drafts(left, caption, right)[0] == "It begins here and is broken by a figure. And ends."


def test_a_row_that_a_raised_mark_makes_higher_begins_no_paragraph() -> None:
    rows = [
        line("1 See what is said of this in the", 50, 100, 330, 29),
        line("second letter of the brother.", 50, 128, 290, 20),
    ]
    assert texts(rows) == ["1 See what is said of this in the second letter of the brother."]
