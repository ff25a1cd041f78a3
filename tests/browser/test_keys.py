"""A server that wants a key: the page asks for it, keeps it, and asks again once it is not taken any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cluster.ids import new_job_id
from tests.browser.axe import Axe
from tests.browser.hurry import hurry_until_shown
from tests.browser.local_server import OWNER, LocalServer, change_key
from tests.browser.standing_book import not_read_yet, write_standing_book

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

GOOD, LATER = "a-key-that-is-taken", "the-key-after-it"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    change_key(tmp_path / "keys.json", GOOD)
    return tmp_path / "keys.json"


@pytest.fixture
def server(tmp_path: Path, keys: Path) -> Iterator[LocalServer]:
    made = LocalServer(tmp_path / "store", api_keys_file=keys)
    made.start()
    yield made
    made.stop()


def give(page: Page, key: str) -> None:
    prompt = page.get_by_role("dialog", name="API key")
    prompt.get_by_label("Key", exact=True).fill(key)
    prompt.get_by_role("button", name="Use this key").click()


def test_the_key_is_asked_for_until_it_is_taken_and_kept(page: Page, server: LocalServer, axe: Axe) -> None:
    page.goto(f"{server.url}/#/cluster")
    prompt = page.get_by_role("dialog", name="API key")
    expect(prompt).to_be_visible()
    assert axe.faults(page) == []
    give(page, "ключ")
    expect(prompt.get_by_role("alert")).to_contain_text("letters in this that no key has")
    give(page, "not-that-one")
    expect(prompt.get_by_role("alert")).to_contain_text("does not take this key")
    give(page, GOOD)
    expect(page.get_by_role("table", name="Engines")).to_be_visible()
    expect(prompt).to_be_hidden()
    page.reload()
    expect(page.get_by_role("table", name="Engines")).to_be_visible()
    expect(prompt).to_be_hidden()


def test_a_key_that_was_revoked_is_asked_for_again(page: Page, server: LocalServer, keys: Path) -> None:
    page.clock.install()
    page.goto(f"{server.url}/#/cluster")
    give(page, GOOD)
    expect(page.get_by_role("table", name="Engines")).to_be_visible()
    change_key(keys, LATER)
    server.let_pass(5)
    hurry_until_shown(page, page.get_by_role("dialog", name="API key"))
    expect(page.get_by_role("dialog", name="API key").get_by_role("alert")).to_contain_text("revoked")
    give(page, LATER)
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("table", name="Engines")).to_be_visible()


def test_a_key_that_ends_while_a_document_is_read_is_asked_for_and_the_reading_seen_on(
    page: Page, server: LocalServer, keys: Path
) -> None:
    job_id = write_standing_book(server.folder, 2, OWNER)
    last = page.get_by_role("article", name="Page 2", exact=True)
    with not_read_yet(server.folder, job_id, 2, OWNER):
        page.goto(f"{server.url}/#/jobs/{job_id}")
        give(page, GOOD)
        expect(page.get_by_text("of page 1,").first).to_be_visible()
        expect(last).to_contain_text("Waiting its turn")
        server.stop()
        change_key(keys, LATER)
        server.start()
        expect(page.get_by_role("dialog", name="API key").get_by_role("alert")).to_contain_text("revoked")
        give(page, LATER)
        expect(page.get_by_role("dialog")).to_be_hidden()
    expect(last).to_contain_text("of page 2,")


def test_the_prompt_gives_the_focus_back(page: Page, server: LocalServer) -> None:
    page.goto(server.url)
    page.get_by_role("dialog", name="API key").get_by_role("button", name="Not now").click()
    page.get_by_role("button", name="Enter key").click()
    give(page, GOOD)
    expect(page.get_by_role("button", name="Forget key")).to_be_focused()


def test_a_document_that_was_refused_is_asked_for_again_with_a_key(page: Page, server: LocalServer) -> None:
    page.goto(f"{server.url}/#/jobs/{new_job_id()}")
    page.get_by_role("dialog", name="API key").get_by_role("button", name="Not now").click()
    page.get_by_role("button", name="Enter a key").click()
    give(page, GOOD)
    expect(page.get_by_role("alert")).to_contain_text("This document is not here")
