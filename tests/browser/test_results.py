"""What was read, taken along: copied, and saved in every format; and a job followed where no stream gets through."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, Route, expect

from tests.browser.local_server import OWNER, LocalServer, change_key
from tests.browser.standing_book import FORMATS, not_read_yet, output_of, write_standing_book

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

PAGES = 3
KEY = "a-key-that-is-taken"
LABELS = {
    "pdf": "Searchable PDF",
    "md": "Markdown",
    "txt": "Plain text",
    "json": "JSON with boxes",
    "hocr": "hOCR",
    "alto": "ALTO XML",
}
KEEP_KEY = f"sessionStorage.setItem('gnosis-ocr.key', '{KEY}')"


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[LocalServer]:
    """It wants a key."""
    change_key(tmp_path / "keys.json", KEY)
    made = LocalServer(tmp_path / "store", api_keys_file=tmp_path / "keys.json")
    made.start()
    yield made
    made.stop()


def save(page: Page, label: str) -> Download:
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as coming:
        page.get_by_role("button", name=label).click()
    expect(page.get_by_role("button", name=label)).to_be_hidden()
    return coming.value


def check_all_formats(page: Page) -> None:
    for name in FORMATS:
        saved = save(page, LABELS[name])
        assert saved.suggested_filename == f"A long book.{'alto.xml' if name == 'alto' else name}"
        assert Path(saved.path()).read_bytes() == output_of(name, PAGES)
    everything = save(page, "Everything, with images (ZIP)")
    assert everything.suggested_filename == "A long book.zip"
    with zipfile.ZipFile(everything.path()) as archive:
        assert archive.testzip() is None
        assert output_of("md", PAGES) in [archive.read(name) for name in archive.namelist()]


def test_every_format_is_saved(page: Page, server: LocalServer) -> None:
    page.goto(f"{server.url}/#/jobs/{write_standing_book(server.folder, PAGES)}")
    check_all_formats(page)


def test_every_format_is_saved_from_a_server_that_wants_a_key(page: Page, locked: LocalServer) -> None:
    page.add_init_script(KEEP_KEY)
    page.goto(f"{locked.url}/#/jobs/{write_standing_book(locked.folder, PAGES, OWNER)}")
    check_all_formats(page)


def test_a_format_that_does_not_come_says_why_where_it_was_asked_for(page: Page, locked: LocalServer) -> None:
    page.add_init_script(KEEP_KEY)
    page.route("**/result?*", lambda route: route.fulfill(status=500, json={"code": "internal_error"}))
    page.goto(f"{locked.url}/#/jobs/{write_standing_book(locked.folder, PAGES, OWNER)}")
    page.get_by_text("Download", exact=True).click()
    page.get_by_role("button", name="hOCR").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("Something went wrong in the server.")
    told.click(trial=True, position={"x": 20, "y": 20})  # nothing lies over it
    expect(page.get_by_role("button", name="hOCR")).to_be_enabled()


def test_all_text_and_a_page_of_it_are_copied(page: Page, server: LocalServer) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{server.url}/#/jobs/{write_standing_book(server.folder, PAGES)}")
    page.get_by_role("button", name="Copy all text").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert copied(page) == output_of("txt", PAGES).decode()
    first = page.get_by_role("article", name="Page 1", exact=True)
    first.get_by_role("button", name="Copy the text of page 1").click()
    expect(first.get_by_role("button", name="Copied")).to_be_visible()
    assert copied(page) == output_of("txt", 1).decode()


def copied(page: Page) -> str:
    return str(page.evaluate("() => navigator.clipboard.readText()"))


def test_where_no_stream_gets_through_the_job_is_waited_for(page: Page, server: LocalServer) -> None:
    job_id = write_standing_book(server.folder, PAGES)
    streams: list[str] = []

    def empty(route: Route) -> None:
        streams.append(route.request.url)
        route.fulfill(body="")

    page.route("**/events", empty)
    last = page.get_by_role("article", name=f"Page {PAGES}", exact=True)
    with not_read_yet(server.folder, job_id, PAGES), page.expect_request("**/status?wait=*"):
        page.goto(f"{server.url}/#/jobs/{job_id}/pages/{PAGES}")
        expect(last).to_contain_text("Waiting its turn")
    expect(last).to_contain_text(f"of page {PAGES},")
    expect(page.get_by_text("Finished", exact=True)).to_be_visible()
    assert len(streams) == 2
