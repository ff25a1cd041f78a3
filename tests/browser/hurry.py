"""The page's own time gone faster: what it asks for every two seconds is not waited for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page

STEP_MS = 2000
PAUSE_MS = 100
MOST = 300


def hurry_until_shown(page: Page, locator: Locator, *, shown: bool = True) -> None:
    """To be called on a page whose clock was installed (``page.clock.install()``) before it was opened."""
    for _ in range(MOST):
        if locator.is_visible() == shown:
            return
        page.clock.fast_forward(STEP_MS)
        page.wait_for_timeout(PAUSE_MS)
    pytest.fail(f"never {'shown' if shown else 'hidden'}: {locator}")
