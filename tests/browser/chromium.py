"""The system's Chromium, driven by playwright; none is downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ("--enable-precise-memory-info", "--disable-background-networking")


class NoChromium(Exception):
    """There is no Chromium for the tests in a browser: apt-get install chromium."""

    def __str__(self) -> str:
        return str(self.__doc__)


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Without a window. NoChromium where there is none.

    In the block's thread no event loop can be run: playwright's own runs there.
    """
    path = next((path for name in NAMES if (path := shutil.which(name))), None)
    if path is None:
        raise NoChromium
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
