from __future__ import annotations

import numpy as np
import pytest

from actors.ocr.page_paper import plain_share
from tests.actors.ocr.engine_contract import blank, printed
from tests.actors.ocr.pictures import binding, house_front, leaves, noise, speckles


def random() -> np.random.Generator:
    return np.random.default_rng(1)


def test_paper_is_plain_with_dirt_and_shadows_too() -> None:
    for page in (blank(600, 800), speckles(random()), binding(random())):
        assert plain_share(page) > 0.97


def test_print_takes_part_of_it() -> None:
    lines = "\n".join(["Some words in a row, and a few more"] * 18)
    assert 0.7 < plain_share(printed(lines, width=620, height=820, size=22)) < 0.97


def test_of_a_picture_little_is_plain() -> None:
    for page in (house_front(random()), leaves(random()), noise(random())):
        assert plain_share(page) < 0.7


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 4000), (4000, 3)])
def test_pages_of_odd_shape(width: int, height: int) -> None:
    assert plain_share(blank(width, height)) == 1
