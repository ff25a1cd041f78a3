"""One browser for all of them, a fresh profile for each, and a cluster and a server without one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect

from tests.browser.axe import Axe, installed_axe
from tests.browser.chromium import NoChromium, running_chromium
from tests.browser.local_server import LocalServer
from tests.conftest import REPOSITORY
from tests.e2e.books import small_book
from tests.e2e.live_cluster import LiveCluster

FAILING_PAGE = 31
WAIT_MS = 30_000
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
EXPECTED = ("Failed to load resource",)
"""What the browser itself says of answers such as 409, which the page deals with."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Where there is none, the tests are skipped; in CI (the variable ``CI``) they fail."""
    with ExitStack() as later:
        try:
            running = later.enter_context(running_chromium())
        except NoChromium as none:
            _leave_out(str(none))
        yield running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    """An open one without a cluster; modules that need another have their own."""
    made = LocalServer(tmp_path / "store")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """In a window of a desktop. Nothing may go wrong in it, by its console; its picture stays where a test failed."""
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")
    context.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: _note(message, wrong))
    yield opened
    if request.session.testsfailed:
        opened.screenshot(path=REPOSITORY / "build" / "browser" / f"{request.node.name}.png")
    context.close()
    assert not wrong


def _note(message: ConsoleMessage, wrong: list[str]) -> None:
    if message.type == "error" and not message.text.startswith(EXPECTED):
        wrong.append(message.text)


@pytest.fixture(scope="session")
def axe() -> Axe:
    try:
        return installed_axe()
    except pytest.skip.Exception as unreachable:
        return _leave_out(str(unreachable))


def _leave_out(reason: str) -> NoReturn:
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture(scope="package", autouse=True)
def cluster_to_come(
    browser: Browser, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Future[LiveCluster] | None]:
    """The cluster on its way, while tests that need none are run; None where no test needs it."""
    if not any("cluster" in getattr(item, "fixturenames", ()) for item in request.session.items):
        yield None
        return
    settings = {
        "engines": "null",
        "batch_size": "1",
        "null_delay_ms": "150",
        "null_faults": f"fail:page={FAILING_PAGE},times=3",
        "null_fault_folder": str(tmp_path_factory.mktemp("faults")),
    }
    coming = LiveCluster(tmp_path_factory.mktemp("store"), **settings)
    first = small_book(tmp_path_factory.mktemp("first"), 1)
    with ThreadPoolExecutor(1) as apart:
        future = apart.submit(_started, coming, first)
        try:
            yield future
        finally:
            future.exception()  # what is still being started can't be ended
            coming.close(at_once=True)


def _started(coming: LiveCluster, first: Path) -> LiveCluster:
    """Once it has read a document: the first one takes the longest."""
    coming.start()
    coming.ended(coming.submit(first))
    return coming


@pytest.fixture
def cluster(cluster_to_come: Future[LiveCluster] | None) -> LiveCluster:
    """It takes its time for each page, and fails three times at one of them, whichever job comes with it."""
    assert cluster_to_come is not None
    return cluster_to_come.result()


@pytest.fixture(scope="package")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for documents of the tests' own making."""
    return tmp_path_factory.mktemp("documents")
