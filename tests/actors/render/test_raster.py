"""Sizes and PNGs."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from actors.render.raster import LONGEST_SIDE, Raster, encode_png, fit


@given(st.floats(1e-3, 1e7), st.floats(1e-3, 1e7), st.floats(0.01, 400))
def test_what_fits_keeps_the_limits_and_nothing_is_enlarged(width: float, height: float, megapixels: float) -> None:
    factor = fit(width, height, megapixels)
    assert 0 < factor <= 1
    across, down = math.ceil(width * factor), math.ceil(height * factor)
    assert max(across, down) <= LONGEST_SIDE
    assert across * down <= megapixels * 1e6


def test_a_page_within_the_limits_is_left_alone() -> None:
    assert fit(1275, 1650, 50) == 1.0


def test_a_page_past_the_limit_uses_nearly_all_of_it() -> None:
    factor = fit(17_500, 17_500, 50)
    assert 49e6 < (17_500 * factor) ** 2 <= 50e6


@pytest.mark.parametrize(("colour", "mode"), [((9, 9, 9), "L"), ((9, 9, 10), "RGB")])
def test_a_gray_page_is_stored_in_gray_and_any_colour_in_rgb(colour: tuple[int, int, int], mode: str) -> None:
    pixels = np.full((300, 40, 3), 200, np.uint8)
    pixels[299, 39] = colour
    with Image.open(io.BytesIO(encode_png(Raster(pixels, 40, 300, 72)))) as stored:
        assert stored.mode == mode
        assert stored.info["dpi"] == pytest.approx((72, 72), abs=0.1)
        assert np.array_equal(np.asarray(stored.convert("RGB")), pixels)
