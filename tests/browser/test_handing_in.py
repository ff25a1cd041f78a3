"""Ways to hand a document in and to be rid of it again, over a server without a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.dropping import drop
from tests.browser.local_server import LocalServer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

MEGABYTE = 1 << 20
COPY_PICTURE = """async () => {
  const picture = new OffscreenCanvas(40, 30)
  picture.getContext('2d').fillRect(0, 0, 20, 30)
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': await picture.convertToBlob() })])
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    made = LocalServer(tmp_path_factory.mktemp("store"), max_upload_mb=1, max_direct_upload_mb=1)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.new("L", (200, 260), 255).save(tmp_path / "one.png")
    return tmp_path / "one.png"


def test_a_pasted_image_is_handed_in(page: Page, server: LocalServer) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(server.url)
    page.evaluate(COPY_PICTURE)
    expect(page.get_by_text("An image may also be pasted.")).to_be_visible()
    page.keyboard.press("Control+V")
    name = page.get_by_role("heading", level=1, name="Pasted")
    expect(name).to_be_visible()
    assert (name.text_content() or "").endswith(".png")


def test_what_is_dropped_on_another_view_is_handed_in_too(page: Page, server: LocalServer, picture: Path) -> None:
    page.goto(f"{server.url}/#/cluster")
    drop(page.get_by_role("heading", name="Cluster", level=1), [picture])
    expect(page.get_by_role("link", name="one.png")).to_be_visible()
    assert page.url.endswith("#/")


def test_a_file_that_is_too_large_is_told_before_it_is_sent(page: Page, server: LocalServer, tmp_path: Path) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    (tmp_path / "large.pdf").write_bytes(b"%PDF-1.7\n" + bytes(MEGABYTE))
    page.goto(server.url)
    page.get_by_label("Documents", exact=True).set_input_files(tmp_path / "large.pdf")
    row = page.get_by_role("listitem").filter(has_text="large.pdf")
    expect(row.get_by_role("alert")).to_contain_text("The file is too large.")
    expect(row.get_by_role("alert")).to_contain_text("The server takes up to 1 MB.")
    expect(row.get_by_role("button", name="Try again")).to_be_hidden()
    assert set(sent) == {"GET"}


def test_a_document_is_deleted_from_the_list_by_keyboard(page: Page, server: LocalServer, picture: Path) -> None:
    """The list is still asked for while the server deletes it, and goes on naming it for a while."""
    page.goto(server.url)
    again = picture.rename(picture.with_name("to go.png"))
    page.get_by_label("Documents", exact=True).set_input_files(again)
    expect(page.get_by_role("heading", name="to go.png", level=1)).to_be_visible()
    page.get_by_role("link", name="Documents").first.click()
    gone: list[str] = []

    def deleted(route: Route) -> None:
        gone.append(route.request.method)
        route.fulfill(status=204)

    page.route("**/api/jobs/*", deleted)
    page.get_by_role("button", name="Delete to go.png").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Delete for good: to go.png")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Delete to go.png")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Delete for good: to go.png")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="to go.png")).to_be_hidden()
    expect(page.get_by_role("heading", name="Recent documents")).to_be_focused()
    assert gone == ["DELETE"]
