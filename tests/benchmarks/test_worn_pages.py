from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.worn_pages import INK, PAPER, WEAR, old_print, pale, skewed


@pytest.fixture
def page() -> Image.Image:
    image = Image.new("L", (400, 300), 255)
    ImageDraw.Draw(image).rectangle((50, 100, 350, 110), fill=0)
    return image


@pytest.mark.parametrize("wear", [*WEAR.values(), old_print])
def test_the_same_seed_wears_a_page_the_same_way(page: Image.Image, wear: object) -> None:
    assert callable(wear)
    worn = wear(page, 3)
    assert worn.mode == "L"
    assert worn.tobytes() == wear(page, 3).tobytes()
    assert worn.tobytes() != page.tobytes()


def test_pale_ink_on_grey_paper(page: Image.Image) -> None:
    assert pale(page, 1).getextrema() == (INK, PAPER)


def test_skew_turns_to_either_side(page: Image.Image) -> None:
    def rises(image: Image.Image) -> bool:
        dark = np.argwhere(np.asarray(image) < 128)
        left, right = (dark[dark[:, 1] < 150][:, 0].mean(), dark[dark[:, 1] > 250][:, 0].mean())
        return bool(left > right)

    assert rises(skewed(page, 1))
    assert not rises(skewed(page, 2))
