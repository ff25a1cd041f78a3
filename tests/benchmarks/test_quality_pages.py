from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality_checks import Reading
from benchmarks.quality_pages import DRAWINGS, checked_page


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_perfect_reading_passes_all_checks(name: str) -> None:
    page = checked_page(name, 1)
    reading = Reading(page.ideal)
    assert [check for check in page.checks if not reading.passes(check)] == []
    assert len(page.checks) >= 3
    assert np.asarray(page.image).min() < 90  # something is drawn


@pytest.mark.parametrize("name", ["two columns", "pull quote"])
@pytest.mark.parametrize("seed", range(2, 8))
def test_text_fits_on_the_page_whatever_the_seed(name: str, seed: int) -> None:
    assert checked_page(name, seed).checks != checked_page(name, 1).checks


def test_the_same_seed_draws_the_same_page() -> None:
    first, second = checked_page("old book", 3), checked_page("old book", 3)
    assert first.checks == second.checks
    assert first.image.tobytes() == second.image.tobytes()


def test_an_empty_reading_passes_only_what_asks_for_absence() -> None:
    page = checked_page("report", 1)
    assert sum(Reading("").passes(check) for check in page.checks) == 3
