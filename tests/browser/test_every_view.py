"""What holds for every view: everybody can use it, and it fits a phone. 2,000 pages cost no more than a few."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from serve_app.figures import Figures
from tests.browser.axe import Axe
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.hurry import hurry_until_shown
from tests.browser.local_server import LocalServer
from tests.browser.page_memory import page_memory
from tests.browser.standing_book import write_standing_book
from tests.serve_app.figures_example import HOSTS, RENDERERS, REPLICAS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

PAGES = 2_000
MOST_NODES = 8_000
MOST_GROWTH = 12_000_000
SCROLL = """async (share) => {
  scrollTo(0, document.documentElement.scrollHeight * share)
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame)
}"""
AT_ONCE = """new MutationObserver((_, observer) => {
  if (!document.querySelector('main')) return
  observer.disconnect()
  location.hash = '#/cluster'
}).observe(document, { childList: true, subtree: true })"""
SEEN: tuple[tuple[ViewportSize, Literal["light", "dark"]], ...] = (
    (PHONE, "light"),
    (DESKTOP, "light"),
    (DESKTOP, "dark"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def book(folder: Path) -> str:
    return write_standing_book(folder, PAGES)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[LocalServer]:
    made = LocalServer(folder, figures=Figures(HOSTS, REPLICAS, RENDERERS), engines="rapidocr,null")
    made.start()
    yield made
    made.stop()


def open_view(page: Page, server: LocalServer, view: str, book: str) -> None:
    page.goto(f"{server.url}/#/{view.format(book=book)}")
    sign = {
        "": page.get_by_role("link", name="A long book.pdf"),
        "cluster": page.get_by_role("table", name="Engines"),
        "jobs/{book}": page.get_by_text("of page 1,").first,
        "nowhere": page.get_by_role("heading", name="There is nothing here"),
    }[view]
    expect(sign).to_be_visible()


NAMES = {"": "home", "cluster": "cluster", "jobs/{book}": "job", "nowhere": "nowhere"}


@pytest.mark.parametrize("view", NAMES, ids=NAMES.values())
def test_everybody_can_use_it_in_light_and_dark_and_on_a_phone(
    page: Page, server: LocalServer, book: str, axe: Axe, view: str
) -> None:
    page.set_viewport_size(PHONE)
    open_view(page, server, view, book)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    for window, scheme in SEEN:
        page.set_viewport_size(window)
        page.emulate_media(color_scheme=scheme)
        assert axe.faults(page) == [], (window, scheme)


def test_an_address_that_changes_while_the_page_begins_is_followed(page: Page, server: LocalServer) -> None:
    page.add_init_script(AT_ONCE)
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Cluster", level=1)).to_be_visible()


def test_a_line_pointed_at_is_shown_in_the_image_and_the_reverse(page: Page, server: LocalServer, book: str) -> None:
    open_view(page, server, "jobs/{book}", book)
    first = page.get_by_role("article", name="Page 1", exact=True)
    line = first.get_by_text("This is line 7 of page 1,")
    box = first.locator("svg polygon").nth(6)
    plain = fill(box)
    line.hover()
    expect(box).not_to_have_css("fill", plain)
    page.mouse.move(0, 0)
    expect(box).to_have_css("fill", plain)
    unmarked = background(line)
    box.hover()
    expect(line).not_to_have_css("background-color", unmarked)


def test_the_arrow_keys_lead_from_line_to_line_in_the_image(page: Page, server: LocalServer, book: str) -> None:
    open_view(page, server, "jobs/{book}", book)
    first = page.get_by_role("article", name="Page 1", exact=True)
    second = first.locator("svg polygon").nth(1)
    plain = fill(second)
    first.get_by_role("group", name="Text of page 1").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(second).not_to_have_css("fill", plain)


def test_a_note_that_nobody_answers_goes_when_somebody_does(page: Page, server: LocalServer, book: str) -> None:
    """Also beside a document that has been read, for which nothing more is asked."""
    page.clock.install()
    open_view(page, server, "jobs/{book}", book)
    page.evaluate("() => dispatchEvent(new Event('offline'))")
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    hurry_until_shown(page, page.get_by_text("The server answers again."))


def fill(box: Locator) -> str:
    return str(box.evaluate("(element) => getComputedStyle(element).fill"))


def background(line: Locator) -> str:
    return str(line.evaluate("(element) => getComputedStyle(element).backgroundColor"))


def test_words_are_found_wherever_they_stand_in_the_book(page: Page, server: LocalServer, book: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_view(page, server, "jobs/{book}", book)
    page.get_by_role("searchbox", name="Find in the document").fill("Line 7 of page 1999")
    expect(page.get_by_text("1 hit on 1 page", exact=True)).to_be_visible()
    page.get_by_role("button", name="Next hit").click()
    article = page.get_by_role("article", name="Page 1999", exact=True)
    expect(article.get_by_text("This is line 7 of page 1999,")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("/pages/1999$"))
    assert len([url for url in asked if "/result?format=txt" in url]) == 1
    assert len([url for url in asked if url.endswith("/text")]) == 0, "no page is asked for by itself"


def test_two_thousand_pages_are_scrolled_through(page: Page, server: LocalServer, book: str) -> None:
    open_view(page, server, "jobs/{book}", book)
    page.wait_for_timeout(500)
    before = page_memory(page)
    for share in range(1, 41):
        page.evaluate(SCROLL, share / 40)
    expect(page.get_by_text(f"of page {PAGES},").first).to_be_visible()
    page.wait_for_timeout(500)
    after = page_memory(page)
    assert after.nodes < MOST_NODES
    assert after.heap - before.heap < MOST_GROWTH
    assert page.get_by_role("article").count() < 20
