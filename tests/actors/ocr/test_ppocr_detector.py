from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.ocr.ppocr_detector import LEAST_SIDE, MOST_PIXELS, MOST_SIDE, STEP, line_margin, network_size


@pytest.mark.parametrize(
    ("page", "seen"),
    [
        ((1275, 1650), (1280, 1664)),  # a letter at 150 dpi: as it is
        ((2550, 3300), (1536, 1984)),  # at 300 dpi: down to the longest side
        ((1, 1), (736, 736)),
        ((200, 100), (1472, 736)),  # a snippet: up
        ((300, 12000), (256, 9760)),  # a till roll: by area, since 1984 pixels would leave it 50 wide
        ((12000, 300), (9760, 256)),
    ],
)
def test_what_the_network_sees(page: tuple[int, int], seen: tuple[int, int]) -> None:
    assert network_size(*page) == seen


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_memory_is_bounded_for_every_shape(width: int, height: int) -> None:
    seen = network_size(width, height)
    assert all(side >= STEP and side % STEP == 0 for side in seen)
    assert seen[0] * seen[1] <= max(MOST_PIXELS, MOST_SIDE * MOST_SIDE) * 1.2
    assert max(seen) >= min(LEAST_SIDE, max(width, height))


def test_a_single_line_gets_a_margin() -> None:
    assert line_margin(height=40, width=600) == 40
    assert line_margin(height=20, width=30) == 20
    assert line_margin(height=1650, width=1275) == 0
