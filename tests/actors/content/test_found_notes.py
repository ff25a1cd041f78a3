from __future__ import annotations

import pytest

from actors.content.page import arranged
from cluster.page_text import BlockKind, Line, PageText
from tests.actors.content.pages import HEIGHT, WIDTH, line, prose, read, region

LEFT = prose(["The first column of this text", "goes on over many rows and is", "broken in the middle of a"], 50, 500)
RIGHT = prose(["sentence that ends in the next", "one, as columns do on a page."], 420, 500)


def page_of(*notes: Line, more: tuple[Line, ...] = ()) -> PageText:
    regions = [
        region(BlockKind.PARAGRAPH, 40, 495, 390, 575),
        region(BlockKind.PARAGRAPH, 410, 495, 760, 550),
        *(region(BlockKind.PARAGRAPH, *note.bbox) for note in (*notes, *more)),
    ]
    return arranged(read(*LEFT, *RIGHT, *notes, *more), regions, WIDTH, HEIGHT)


def small(text: str, y: float, height: float = 20) -> Line:
    """In letters three quarters as wide as the text's, in a row that a raised mark may make as high."""
    return line(text, 50, y, len(text) * 8, height)


@pytest.mark.parametrize("mark", ["1 ", "12", "* ", "†", "[3] ", "¹"])
def test_small_print_with_a_mark_at_a_columns_foot_is_a_note(mark: str) -> None:
    page = page_of(small(f"{mark}See the letter of a brother", 900))
    assert page.blocks[-1].kind is BlockKind.FOOTNOTE
    assert "broken in the middle of a sentence that ends" in page.text


def test_two_notes_below_each_other() -> None:
    page = page_of(small("1 See the letter of a brother", 900), small("2 The same, at another place", 925))
    assert [block.kind for block in page.blocks[-2:]] == [BlockKind.FOOTNOTE] * 2


def test_a_row_in_the_texts_letters_is_none() -> None:
    page = page_of(line("1 See the letter of a brother", 50, 900, 320))
    assert not any(block.kind is BlockKind.FOOTNOTE for block in page.blocks)


def test_small_print_without_a_mark_is_none() -> None:
    page = page_of(small("See the letter of a brother", 900))
    assert not any(block.kind is BlockKind.FOOTNOTE for block in page.blocks)


def test_small_print_above_text_is_none() -> None:
    text = line("And here the first column goes", 50, 940, 330)
    page = page_of(small("1 See the letter of a brother", 900), more=(text,))
    assert not any(block.kind is BlockKind.FOOTNOTE for block in page.blocks)
