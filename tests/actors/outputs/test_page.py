from __future__ import annotations

from dataclasses import replace

from actors.outputs.page import PixelSize, pixel_size
from tests.actors.outputs.results import FAILED, result


def test_pixels_are_those_of_the_page_image() -> None:
    size = pixel_size(result())
    assert size == PixelSize(600, 800, 2.0)
    assert size.dpi == 144
    assert size.box((-5, 10, 300, 500)) == (0, 20, 600, 800)


def test_a_page_without_an_image_counts_as_drawn_at_150_dpi() -> None:
    size = pixel_size(replace(result(), image=None, image_width=0, image_height=0))
    assert (size.width, size.height, size.dpi) == (625, 833, 150)


def test_a_page_that_could_not_be_read_says_so() -> None:
    assert FAILED.gap == "[page 2 could not be read: engine_failed]"
