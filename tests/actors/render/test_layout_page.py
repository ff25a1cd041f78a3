"""Lines written to a page of PDF, as MuPDF then sees them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pymupdf
import pytest

from actors.content.upright import Upright
from actors.render.layout_page import LARGEST, LONGER_SIDE, page_of, picture_of, scale_of
from cluster.page_text import Box, Line

WIDTH, HEIGHT = 1200, 1600
FLAGS = (
    pymupdf.TEXT_PRESERVE_WHITESPACE
    | pymupdf.TEXT_ACCURATE_BBOXES
    | pymupdf.TEXT_SEGMENT
    | pymupdf.TEXT_PARAGRAPH_BREAK
    | pymupdf.TEXT_CLIP
)
"""Of those with which the layout model extracts text, those that say what a line is."""


def seen(*lines: tuple[str, Box]) -> list[tuple[str, Box]]:
    """What MuPDF sees of these lines, in pixels."""
    scale = 0.5
    page = page_of([Line(text, box, 1.0) for text, box in lines], WIDTH, HEIGHT, scale)
    found = []
    for line in lines_in(page.get_text("dict", flags=FLAGS)["blocks"]):
        text = "".join(span["text"] for span in line["spans"])
        found.append((text, tuple(value / scale for value in line["bbox"])))
    page.parent.close()
    return sorted(found, key=lambda line: (round(line[1][1]), line[1][0]))


def lines_in(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        yield from lines_in(block["blocks"]) if block["type"] == 2 else block.get("lines", ())


@pytest.mark.parametrize(
    ("text", "reversed_text"),
    [
        ("Hello, world: page 7", False),
        ("Ünïcödé – “quoted” €5", False),
        ("Привет, мир", False),
        ("Δοκιμή κειμένου", False),
        ("漢字とかなの試験", False),
        ("한국어 시험", False),
        ("ไทยทดสอบ", False),
        ("مرحبا بالعالم", True),
        ("שלום עולם", True),
        ("𝒜 😀 mixed", False),
    ],
)
def test_a_line_of_any_script_has_its_text_and_its_box(text: str, reversed_text: bool) -> None:
    """MuPDF turns what is read from right to left over, since it is written from left to right."""
    box = (100.0, 200.0, 500.0, 240.0)
    ((found, at),) = seen((text, box))
    assert found == (text[::-1] if reversed_text else text)
    assert at == pytest.approx(box, abs=1)


def test_a_page_may_have_more_letters_than_a_font() -> None:
    letters = [chr(0x4E00 + i) for i in range(700)]
    lines = [("".join(letters[i : i + 35]), (50.0, 40.0 + i, 1100.0, 65.0 + i)) for i in range(0, 700, 35)]
    assert [text for text, _ in seen(*lines)] == [text for text, _ in lines]


def test_a_line_that_runs_down_the_page() -> None:
    box = (1000.0, 100.0, 1040.0, 700.0)
    ((text, at),) = seen(("縦書きの行です", box))
    assert text == "縦書きの行です"
    assert at == pytest.approx(box, abs=1)


def test_pieces_of_one_row_stay_apart_however_close() -> None:
    row = [(f"cell {i}", (100.0 + 110 * i, 300.0, 205.0 + 110 * i, 330.0)) for i in range(6)]
    columns = [
        (
            f"left {i} and right {i}"[:6] if side == 0 else f"right{i}",
            (100.0 + 310 * side, y, 400.0 + 310 * side, y + 30),
        )
        for i, y in enumerate((500.0, 540.0, 580.0))
        for side in (0, 1)
    ]
    assert [text for text, _ in seen(*row, *columns)] == [text for text, _ in [*row, *columns]]


def test_what_is_no_text_is_left_out() -> None:
    assert seen(("   ", (10.0, 10.0, 50.0, 20.0)), ("\x00\n", (10.0, 40.0, 50.0, 50.0))) == []
    ((text, at),) = seen(("flat", (100.0, 100.0, 100.0, 100.0)))
    assert text == "flat"
    assert at[0] == pytest.approx(100, abs=1)


@pytest.mark.parametrize(("rotation", "turns"), [(0, 0), (90, -1), (180, 2), (270, 1)])
def test_the_picture_is_turned_upright(rotation: int, turns: int) -> None:
    pixels = np.full((900, 1200, 3), 255, np.uint8)
    pixels[:300, :400] = 0  # dark at the top left
    picture = picture_of(pixels, Upright(rotation, 0.0, 1200, 900), LONGER_SIDE / 1200)
    gray = np.frombuffer(picture.samples, np.uint8).reshape(picture.height, picture.width, 3)[..., 0]
    assert max(gray.shape) == LONGER_SIDE
    expected = np.rot90(pixels[..., 0], turns)
    assert gray.shape == tuple(round(side * LONGER_SIDE / 1200) for side in expected.shape)
    corners = [(0, 0), (0, -1), (-1, 0), (-1, -1)]
    assert [int(gray[corner]) for corner in corners] == [int(expected[corner]) for corner in corners]


def test_the_picture_is_straightened() -> None:
    """A line that runs down to the right by 5° lies level."""
    pixels = np.full((1000, 1000, 3), 255, np.uint8)
    for x in range(100, 900):
        y = round(500 + (x - 500) * np.tan(np.radians(5)))
        pixels[y - 3 : y + 3, x] = 0
    picture = picture_of(pixels, Upright(0, 5.0, 1000, 1000), 0.8)
    gray = np.frombuffer(picture.samples, np.uint8).reshape(picture.height, picture.width, 3)[..., 0]
    rows = np.flatnonzero((gray < 128).any(axis=1))
    assert rows.min() > 390
    assert rows.max() < 410


@pytest.mark.parametrize(
    ("height_of_lines", "side"),
    [(30.0, LONGER_SIDE), (10.0, 1280.0), (1.0, LARGEST), (0.0, LARGEST)],
    ids=["letter", "small print", "a poster", "no height"],
)
def test_a_page_of_small_print_is_a_larger_one(height_of_lines: float, side: float) -> None:
    lines = [Line("words", (10.0, y, 300.0, y + height_of_lines), 1.0) for y in (50.0, 90.0, 130.0)]
    assert scale_of(lines, WIDTH, HEIGHT) * HEIGHT == pytest.approx(side)
    assert scale_of([], WIDTH, HEIGHT) * HEIGHT == pytest.approx(LONGER_SIDE)


def test_a_page_of_one_pixel() -> None:
    assert picture_of(np.zeros((1, 1, 3), np.uint8), Upright(0, 0.0, 1, 1), LONGER_SIDE).width == LONGER_SIDE
    strip = picture_of(np.zeros((1, 30_000, 3), np.uint8), Upright(0, 0.0, 30_000, 1), LONGER_SIDE / 30_000)
    assert (strip.width, strip.height) == (LONGER_SIDE, 1)
