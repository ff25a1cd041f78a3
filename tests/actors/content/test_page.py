from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.content.page import arranged, plain
from actors.content.region import Region
from cluster.page_text import BlockKind, Line
from tests.actors.content.pages import HEIGHT, WIDTH, line, prose, read, region

LEFT = [f"Left {number} of the first column" for number in range(6)]
RIGHT = [f"Right {number} of the second column" for number in range(6)]
TWO_COLUMNS = [
    line("A title across", 100, 20, 600, 40),
    *prose(LEFT, 50, 100),
    *prose(RIGHT, 420, 103),
    line("Across the whole page again", 50, 300, 700),
]


def test_columns_are_read_one_after_the_other_without_a_model() -> None:
    page = plain(read(*TWO_COLUMNS), WIDTH, HEIGHT)
    assert " ".join(page.text.split()) == " ".join(["A title across", *LEFT, *RIGHT, "Across the whole page again"])


def test_regions_in_any_order_are_read_in_the_pages() -> None:
    regions = [
        region(BlockKind.PARAGRAPH, 40, 295, 790, 330),
        region(BlockKind.PARAGRAPH, 410, 90, 760, 290),
        region(BlockKind.PARAGRAPH, 40, 90, 390, 290),
        region(BlockKind.TITLE, 90, 10, 710, 70),
    ]
    page = arranged(read(*TWO_COLUMNS), regions, WIDTH, HEIGHT)
    assert [block.kind for block in page.blocks] == [BlockKind.TITLE, *[BlockKind.PARAGRAPH] * 3]
    assert page.markdown is not None
    assert page.markdown.startswith("# A title across\n\nLeft 0")
    assert page.text.index("Left 5") < page.text.index("Right 0") < page.text.index("Across")


def test_an_empty_page_has_no_text() -> None:
    page = arranged(read(), [region(BlockKind.FIGURE, 0, 0, 100, 100)], WIDTH, HEIGHT)
    assert (page.text, page.markdown, page.blocks) == ("", "", ())


def test_a_drop_cap_begins_its_row() -> None:
    lines = [line("T", 50, 100, 60, 75), line("he first row of a text", 120, 100, 260)]
    lines += [line("and the second", 120, 125, 260), line("and the third.", 50, 180, 330)]
    assert plain(read(*lines), WIDTH, HEIGHT).text == "The first row of a text and the second and the third."


def test_a_page_that_is_read_from_right_to_left_has_its_columns_from_the_right() -> None:
    right = [
        line(text, 420, 100 + 25 * number, 330)
        for number, text in enumerate(["שלום לכולם כאן", "ברוכים הבאים", "לספר הזה."])
    ]
    left = [
        line(text, 50, 100 + 25 * number, 330)
        for number, text in enumerate(["פרק שני כאן", "ועוד שורה אחת", "סוף הספר."])
    ]
    text = plain(read(*left, *right), WIDTH, HEIGHT).text
    assert text.index("שלום") < text.index("לספר") < text.index("פרק") < text.index("סוף")


def test_vertical_japanese_is_read_in_columns_from_the_right() -> None:
    lines = [
        line(text, x, 100, 30, 500) for text, x in (("吾輩は猫である。", 700), ("名前はまだ", 650), ("無い。", 600))
    ]
    assert plain(read(*reversed(lines)), WIDTH, HEIGHT).text == "吾輩は猫である。名前はまだ無い。"


def test_a_found_table_needs_no_model() -> None:
    rows = [["Oak", "12", "3.5"], ["Elm", "7", "4.5"], ["Yew", "30", "2.0"], ["Ash", "4", "1.25"]]
    cells = [line(text, 50 + 250 * j, 100 + 30 * i) for i, row in enumerate(rows) for j, text in enumerate(row)]
    page = plain(read(*cells), WIDTH, HEIGHT)
    assert [block.kind for block in page.blocks] == [BlockKind.TABLE]
    assert [cell.text for cell in page.blocks[0].cells] == [text for row in rows for text in row]


@st.composite
def pages(draw: st.DrawFn) -> tuple[list[Line], list[Region]]:
    words = st.sampled_from(
        ["", "word", "1.", "• item", "Words that go on and", "hyphen-", "17", "漢字", "שלום", "A", "² x", "٣", "a | b"]
    )
    numbers = st.integers(0, 760)
    lines = draw(
        st.lists(st.builds(line, words, numbers, numbers, st.integers(1, 700), st.integers(1, 60)), max_size=25)
    )
    boxes = st.tuples(numbers, numbers, numbers, numbers)
    made = st.builds(
        lambda kind, b: region(kind, min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3])),
        st.sampled_from(BlockKind),
        boxes,
    )
    return lines, draw(st.lists(made, max_size=6))


@settings(deadline=None, max_examples=60)
@given(pages(), st.randoms(use_true_random=False))
def test_every_line_is_in_one_block_and_the_order_of_lines_says_nothing(
    page: tuple[list[Line], list[Region]], chance: Random
) -> None:
    lines, regions = page
    shuffled = list(lines)
    chance.shuffle(shuffled)
    for given_regions in (regions, []):
        first, second = (arranged(read(*each), given_regions, WIDTH, HEIGHT) for each in (lines, shuffled))
        assert sorted(place for block in first.blocks for place in block.lines) == list(range(len(lines)))
        assert (first.text, first.markdown) == (second.text, second.markdown)
    first, second = (plain(read(*each), WIDTH, HEIGHT) for each in (lines, shuffled))
    assert sorted(place for block in first.blocks for place in block.lines) == list(range(len(lines)))
    assert (first.text, first.markdown) == (second.text, second.markdown)


def test_a_second_column_may_begin_higher_than_the_first() -> None:
    lines = [*prose(LEFT, 50, 150), *prose(["Right before the others", *RIGHT], 420, 128)]
    text = " ".join([*LEFT, "Right before the others", *RIGHT])
    assert " ".join(plain(read(*lines), WIDTH, HEIGHT).text.split()) == text


def test_a_table_that_is_none_is_read_in_columns() -> None:
    notes = [
        line("A short note beside", 50, 200, 180),
        line("the text, which says", 50, 222, 180),
        line("more of it.", 50, 244, 90),
    ]
    lines = [*notes, *prose([f"Row {number} of a text that goes on and on" for number in range(8)], 300, 100, 450)]
    page = arranged(read(*lines), [region(BlockKind.TABLE, 40, 90, 770, 320)], WIDTH, HEIGHT)
    assert "A short note beside the text, which says more of it." in page.text
    assert "Row 3 of a text that goes on and on Row 4" in page.text


def test_a_smear_in_the_gutter_does_not_join_columns() -> None:
    left = [
        line(text, 50, 100 + 25 * number, 365 if number == 4 else 330) for number, text in enumerate([*LEFT, *LEFT])
    ]
    lines = [*left, *prose([*RIGHT, *RIGHT], 400, 103)]
    regions = [region(BlockKind.PARAGRAPH, 45, 95, 416, 400), region(BlockKind.PARAGRAPH, 395, 95, 740, 400)]
    page = arranged(read(*lines), regions, WIDTH, HEIGHT)
    assert " ".join(page.text.split()) == " ".join([*LEFT, *LEFT, *RIGHT, *RIGHT])
