"""Deleting a document that is still being read: its end is heard of before the deletion is answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.local_server import LocalServer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


def test_whoever_deletes_a_document_gets_back_to_the_others(page: Page, tmp_path: Path) -> None:
    server = LocalServer(tmp_path / "store")
    server.start()
    try:
        Image.new("L", (200, 260), 255).save(tmp_path / "one.png")
        page.goto(server.url)
        page.get_by_label("Documents", exact=True).set_input_files(tmp_path / "one.png")
        expect(page.get_by_role("heading", name="one.png", level=1)).to_be_visible()
        held: list[Route] = []
        page.route("**/api/jobs/*", lambda route: held.append(route))
        page.route("**/api/jobs/*/status*", lambda route: route.fulfill(status=404, json={"code": "job_not_found"}))
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
        server.stop()  # its stream breaks
        page.wait_for_timeout(800)  # in which the page might ask how the document is
        assert [route.request.method for route in held] == ["DELETE"]
        held[0].fulfill(status=204)
        expect(page.get_by_role("heading", name="Recent documents")).to_be_visible()
    finally:
        server.stop()
