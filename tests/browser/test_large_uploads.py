"""A large document on its way: paused, gone on with, and got over a server that was started anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cluster import layout
from serve_app.identity import ANONYMOUS
from tests.browser.hurry import hurry_until_shown
from tests.browser.local_server import LocalServer
from tests.tus_client.stored_upload import digest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

MEGABYTE = 1 << 20
SIZE = 40 * MEGABYTE + 3
SLOW, FAST = 8 * MEGABYTE, -1
"""Bytes a second; -1: as fast as it goes."""

Line = Callable[[int], None]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.pdf"
    path.write_bytes(b"%PDF-1.7\n" + os.urandom(SIZE - 9))
    return path


@pytest.fixture
def line(page: Page) -> Iterator[Line]:
    """Makes the page's line to the server as fast as is asked."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def become(speed: int) -> None:
        session.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": speed},
        )

    become(SLOW)
    yield become
    session.detach()


def parts(server: LocalServer) -> list[Path]:
    return sorted(server.folder.glob("uploads/*/part-*"))


def wait_for_part(page: Page, server: LocalServer) -> None:
    for _ in range(300):
        if parts(server):
            return
        page.wait_for_timeout(100)
    pytest.fail("nothing arrived")


def arrived(page: Page, server: LocalServer) -> Path:
    """The document's file, once its job is shown."""
    expect(page.get_by_role("heading", name="large.pdf", level=1)).to_be_visible()
    job_id = page.url.partition("#/jobs/")[2]
    return server.folder / layout.raw(layout.job_prefix(ANONYMOUS, job_id), "pdf")


def test_it_is_paused_and_goes_on_where_it_was(page: Page, server: LocalServer, large: Path, line: Line) -> None:
    page.goto(server.url)
    page.get_by_label("Documents", exact=True).set_input_files(large)
    wait_for_part(page, server)
    page.get_by_role("button", name="Pause large.pdf").click()
    row = page.get_by_role("listitem").filter(has_text="large.pdf")
    expect(row).to_contain_text("paused at")
    first = parts(server)[0].stat().st_mtime_ns
    page.get_by_role("button", name="Resume large.pdf").click()
    expect(row.get_by_role("progressbar", name="large.pdf: sent")).to_be_visible()
    assert parts(server)[0].stat().st_mtime_ns == first, "what had arrived was not sent again"
    line(FAST)
    assert digest(arrived(page, server)) == digest(large)


def test_it_gets_over_a_server_that_is_started_anew(page: Page, server: LocalServer, large: Path, line: Line) -> None:
    page.clock.install()
    page.goto(server.url)
    page.get_by_label("Documents", exact=True).set_input_files(large)
    wait_for_part(page, server)
    server.stop()
    expect(page.get_by_text("The server does not answer.").first).to_be_visible()
    first = parts(server)[0].stat().st_mtime_ns
    server.start()
    hurry_until_shown(page, page.get_by_text("The server answers again."))
    assert parts(server)[0].stat().st_mtime_ns == first, "what had arrived was not sent again"
    line(FAST)
    assert digest(arrived(page, server)) == digest(large)


def test_after_a_reload_the_same_file_goes_on(page: Page, server: LocalServer, large: Path, line: Line) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(server.url)
    page.get_by_label("Documents", exact=True).set_input_files(large)
    wait_for_part(page, server)
    page.reload()
    row = page.get_by_role("listitem").filter(has_text="large.pdf")
    expect(row).to_contain_text("interrupted")
    first = parts(server)[0].stat().st_mtime_ns
    page.get_by_label("large.pdf again", exact=True).set_input_files(large)
    expect(page.get_by_text("interrupted ·")).to_be_hidden()
    assert parts(server)[0].stat().st_mtime_ns == first, "what had arrived was not sent again"
    line(FAST)
    assert digest(arrived(page, server)) == digest(large)


def test_a_page_older_than_its_server_asks_to_be_loaded_again(
    page: Page, server: LocalServer, large: Path, line: Line
) -> None:
    page.route("**/tus.min.js*", lambda route: route.fulfill(status=404))
    page.goto(server.url)
    page.get_by_label("Documents", exact=True).set_input_files(large)
    row = page.get_by_role("listitem").filter(has_text="large.pdf")
    expect(row).to_contain_text("Reload the page.")
    page.unroute("**/tus.min.js*")
    line(FAST)
    row.get_by_role("button", name="Try again large.pdf").click()
    assert digest(arrived(page, server)) == digest(large)
