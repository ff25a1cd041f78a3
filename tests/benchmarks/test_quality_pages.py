from __future__ import annotations

import random

import numpy as np
import pytest

from benchmarks.quality_checks import Absent, Check, Neighbour, Order, Present, Reading
from benchmarks.quality_pages import DRAWINGS, checked_page
from benchmarks.random_prose import Prose


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_perfect_reading_passes_all_checks(name: str) -> None:
    page = checked_page(name, 1)
    reading = Reading(page.ideal)
    assert [check for check in page.checks if not reading.passes(check)] == []
    assert len(page.checks) >= 3
    assert np.asarray(page.image).min() < 90  # something is drawn


@pytest.mark.parametrize("name", [name for name in DRAWINGS if name not in ("arabic", "upright japanese")])
def test_what_is_checked_is_on_the_page(name: str) -> None:
    drawing = DRAWINGS[name](Prose(random.Random(name)))
    drawn = Reading(drawing.document[0].get_text(), markdown=False)
    asked = [Present(text) for check in drawing.checks for text in texts_of(check)]
    assert [check for check in asked if not drawn.passes(check)] == []


def texts_of(check: Check) -> list[str]:
    match check:
        case Present(text):
            return [text]
        case Order(first, second):
            return [first, second]
        case Neighbour(cell, _, text):
            return [cell] if " " in text else [cell, text]  # a name may stand on two lines
        case Absent(text):
            return [text]


@pytest.mark.parametrize("name", ["pull quote"])
@pytest.mark.parametrize("seed", range(2, 5))
def test_text_fits_on_the_page_whatever_the_seed(name: str, seed: int) -> None:
    assert checked_page(name, seed).checks != checked_page(name, 1).checks


def test_the_same_seed_draws_the_same_page() -> None:
    first, second = checked_page("old book", 3), checked_page("old book", 3)
    assert first.checks == second.checks
    assert first.image.tobytes() == second.image.tobytes()


def test_an_empty_reading_passes_only_what_asks_for_absence() -> None:
    page = checked_page("report", 1)
    assert sum(Reading("").passes(check) for check in page.checks) == 3
