from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from actors.ocr.vlm_image import MOST_ELONGATED, NARROWEST_SIDE, is_blank, padded
from tests.actors.ocr.engine_contract import blank, printed


def test_a_page_without_ink_is_blank_whatever_its_colour() -> None:
    assert is_blank(blank(30, 40))
    assert is_blank(np.full((300, 3, 3), (10, 100, 200), np.uint8))
    assert not is_blank(printed("."))


def test_one_spot_is_something_to_read() -> None:
    spotted = blank(300, 300).copy()
    spotted[299, 299, 2] = 0
    assert not is_blank(spotted)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (60, 60), (3000, 1), (20, 8000), (300, 400)])
def test_sides_are_made_such_as_models_take(width: int, height: int) -> None:
    image = Image.new("RGB", (width, height), "red")
    fitting = padded(image)
    assert min(fitting.size) >= NARROWEST_SIDE
    assert max(fitting.size) <= MOST_ELONGATED * min(fitting.size)
    assert fitting.getpixel((0, 0)) == (255, 0, 0)
    assert (fitting is image) == (min(width, height) >= NARROWEST_SIDE)
