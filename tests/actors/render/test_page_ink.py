"""Where a page shows something that could be text."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from actors.render.page_ink import DPI, Ink

SCALE = DPI / 72


def page(*, paper: int = 255) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A letter page at DPI."""
    image = Image.new("L", (408, 528), paper)
    return image, ImageDraw.Draw(image)


def ink(image: Image.Image) -> Ink:
    pixels: NDArray[np.uint8] = np.asarray(image)
    return Ink(pixels, SCALE)


def words(draw: ImageDraw.ImageDraw, top: int, fill: int = 0, lines: int = 5) -> None:
    for line in range(lines):
        draw.text((40, top + 12 * line), "Words that stand in a row", fill=fill)


def test_an_empty_page_is_blank() -> None:
    image, _ = page()
    assert ink(image).is_blank
    assert ink(image).share_beside([]) == 0


@pytest.mark.parametrize("fill", [0, 200, 240])
def test_a_page_with_words_is_not_however_faint(fill: int) -> None:
    image, draw = page()
    words(draw, 40, fill)
    assert not ink(image).is_blank


def test_a_page_with_a_rule_and_an_area_shows_nothing_that_could_be_text() -> None:
    image, draw = page()
    draw.line((0, 100, 408, 100), fill=0)
    draw.rectangle((0, 200, 408, 300), fill=90)
    assert ink(image).is_blank


def test_what_lies_outside_the_boxes_is_told_as_a_share() -> None:
    image, draw = page()
    words(draw, 40)
    words(draw, 300)
    upper, lower = (
        (20 / SCALE, 35 / SCALE, 300 / SCALE, 105 / SCALE),
        (20 / SCALE, 295 / SCALE, 300 / SCALE, 365 / SCALE),
    )
    assert ink(image).share_beside([]) == 1
    assert ink(image).share_beside([upper]) == pytest.approx(0.5, abs=0.1)
    assert ink(image).share_beside([upper, lower]) == 0


def test_rules_and_frames_weigh_little() -> None:
    image, draw = page()
    words(draw, 40, lines=30)
    for row in range(8):
        draw.rectangle((20, 420 + 10 * row, 390, 430 + 10 * row), outline=0)
    box = (20 / SCALE, 35 / SCALE, 300 / SCALE, 410 / SCALE)
    assert ink(image).share_beside([box]) < 0.2


def test_text_that_leaves_no_trace_is_not_seen() -> None:
    image, draw = page()
    words(draw, 40)
    words(draw, 300, fill=255)
    assert ink(image).shows((30 / SCALE, 35 / SCALE, 200 / SCALE, 60 / SCALE))
    assert not ink(image).shows((30 / SCALE, 300 / SCALE, 200 / SCALE, 320 / SCALE)), "white on white"
    assert not ink(image).shows((-300, -300, -200, -200)), "off the page"
    assert not ink(image).shows((9000, 9000, 9100, 9100))


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (3, 700), (700, 3)])
def test_pages_of_any_shape_are_looked_at(shape: tuple[int, int]) -> None:
    assert Ink(np.zeros(shape, np.uint8), SCALE).is_blank
