"""What a page of a PDF carries, through MuPDF."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pymupdf
import pytest
from PIL import Image

from actors.render.embedded_text import MOST_CHARACTERS, EmbeddedPage
from actors.render.pdf_text import embedded_page, page_ink


def carried(draw: Callable[[Any], object], *, rotation: int = 0) -> EmbeddedPage:
    """The page that ``draw`` made, written and opened again."""
    with pymupdf.open() as made:
        page = made.new_page(width=400, height=600)
        draw(page)
        page.set_rotation(rotation)
        data = made.tobytes()
    with pymupdf.open(stream=data) as opened:
        return embedded_page(opened[0])


def texts(page: EmbeddedPage) -> list[str]:
    return [line.text for line in page.lines]


def scan() -> bytes:
    noise = np.random.default_rng(1).integers(0, 255, (60, 40), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    return file.getvalue()


def test_pieces_of_one_row_that_stand_close_are_one_line() -> None:
    def draw(page: Any) -> None:
        left = 50.0
        for word in ("wide", "spaces", "here"):
            page.insert_text((left, 100), word)
            left += pymupdf.get_text_length(word) + 11  # a letter's height, at which MuPDF breaks the line

    assert texts(carried(draw)) == ["wide spaces here"]


def test_cells_of_a_table_stay_apart() -> None:
    def draw(page: Any) -> None:
        for row in range(3):
            for column, text in enumerate(("one", "two", "three")):
                page.insert_text((50 + 100 * column, 100 + 14 * row), text)

    assert sorted(texts(carried(draw))) == sorted(["one", "two", "three"] * 3)


def test_a_line_of_several_fonts_is_one() -> None:
    def draw(page: Any) -> None:
        page.insert_htmlbox((50, 50, 350, 200), "Some <b>bold</b>, <i>italic</i> and <code>fixed</code> words.")

    assert texts(carried(draw)) == ["Some bold, italic and fixed words."]


def test_ligatures_are_expanded() -> None:
    def draw(page: Any) -> None:
        page.insert_htmlbox((50, 50, 350, 200), "oﬃce ﬁne ﬂow")

    assert texts(carried(draw)) == ["office fine flow"]


@pytest.mark.parametrize("rotate", [90, 270])
def test_text_written_upwards_or_downwards_is_a_line(rotate: int) -> None:
    def draw(page: Any) -> None:
        page.insert_text((200, 300), "along the edge", rotate=rotate)

    (line,) = carried(draw).lines
    x0, y0, x1, y1 = line.bbox
    assert line.text == "along the edge"
    assert y1 - y0 > 3 * (x1 - x0)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_are_as_displayed(rotation: int) -> None:
    page = carried(lambda page: page.insert_text((50, 100), "Here"), rotation=rotation)
    assert (page.width, page.height) == ((400, 600) if rotation % 180 == 0 else (600, 400))
    x, y = page.lines[0].bbox[:2]
    assert (x, y) == pytest.approx({0: (50, 88), 90: (498, 50), 180: (324, 497), 270: (88, 324)}[rotation], abs=4)


@pytest.mark.parametrize(
    "text", ["שלום עולם", "שנת 1984 היתה, 3.5% יותר", "אבג (דהו) זחט", "הספר The Book נכתב", "هذا اختبار", "عام 1984"]
)
def test_text_from_right_to_left_is_in_the_order_of_reading(text: str) -> None:
    page = carried(lambda page: page.insert_htmlbox((50, 50, 350, 200), f"<p dir='rtl'>{text}</p>"))
    assert texts(page) == [text]


@pytest.mark.parametrize("mode", [0, 1, 3])
def test_text_without_ink_is_hidden(mode: int) -> None:
    page = carried(lambda page: page.insert_text((50, 100), "an earlier OCR", render_mode=mode))
    assert [line.hidden for line in page.lines] == [mode == 3]


def test_text_below_a_picture_is_hidden_and_text_above_it_is_not() -> None:
    def draw(page: Any) -> None:
        page.insert_text((50, 100), "below")
        page.insert_image(page.rect, stream=scan())
        page.insert_text((50, 300), "above")

    page = carried(draw)
    assert {line.text: line.hidden for line in page.lines} == {"below": True, "above": False}
    assert len(page.pictures) == 1


def test_text_off_the_page_is_left_out() -> None:
    def draw(page: Any) -> None:
        page.insert_text((50, 100), "on the page")
        page.insert_text((700, 900), "off the page")

    assert texts(carried(draw)) == ["on the page"]


def test_a_huge_layer_of_text_is_cut() -> None:
    def draw(page: Any) -> None:
        row = "many words in a row that nobody will ever read " * 20
        commands = b"BT /helv 1 Tf 1 0 0 1 5 590 Tm 0.5 TL\n" + f"({row}) Tj T*\n".encode() * 1070 + b"ET"
        page.insert_text((5, 5), "x")  # so that there is the font
        page.parent.update_stream(page.get_contents()[0], commands)

    page = carried(draw)
    assert page.overlong
    assert MOST_CHARACTERS * 0.9 < sum(len(text) for text in texts(page)) <= MOST_CHARACTERS


def test_ink_is_a_small_gray_picture_of_the_page_as_displayed() -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=400, height=600)
        page.insert_text((50, 100), "Here")
        page.set_rotation(90)
        ink = page_ink(page)
        assert ink.pixels.shape == (267, 400)
        assert not ink.is_blank
        page = document.new_page(width=14_000, height=14_000)
        assert page_ink(page).pixels.size <= 1_010_000
