"""Documents read by a real cluster, from the hand-in to the text on the screen, as a person does it."""

from __future__ import annotations

import re
from pathlib import Path

import pymupdf
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import FAILING_PAGE
from tests.browser.dropping import drop
from tests.e2e.books import small_book
from tests.e2e.live_cluster import TERMINAL, LiveCluster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PAGES = 20
SECRET = "open sesame"


@pytest.fixture(scope="module")
def book(documents: Path) -> Path:
    return small_book(documents, PAGES)


@pytest.fixture(scope="module")
def locked(documents: Path) -> Path:
    document = pymupdf.open()
    document.new_page().insert_text((72, 90), "The treasure lies under the third palm tree from the left.")
    path = documents / "locked.pdf"
    document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=SECRET, owner_pw="of the owner")
    document.close()
    return path


def hand_in(page: Page, *files: Path) -> None:
    page.get_by_label("Documents", exact=True).set_input_files(files)


def article(page: Page, number: int) -> Locator:
    return page.get_by_role("article", name=f"Page {number}", exact=True)


def shown_job(page: Page) -> str:
    found = re.search(r"#/jobs/([0-9a-f-]+)", page.url)
    assert found is not None, page.url
    return found[1]


def state(page: Page) -> Locator:
    """What is said of the job beside its name."""
    return page.get_by_role("heading", level=1).locator("xpath=following-sibling::*[1]")


def test_a_dropped_book_is_read_before_ones_eyes(page: Page, cluster: LiveCluster, book: Path) -> None:
    page.goto(cluster.url)
    drop(page.get_by_role("region", name="Hand in documents"), [book])
    expect(page.get_by_role("heading", name="book.tiff", level=1)).to_be_visible()
    drawn = page.get_by_role("progressbar", name="Pages drawn")
    read = page.get_by_role("progressbar", name="Pages read")
    expect(drawn).to_be_visible()
    expect(read).to_be_visible()
    expect(article(page, 1)).to_contain_text("page 1")
    assert cluster.status(shown_job(page))["status"] not in TERMINAL, "its text was there before the job's end"
    assert float(read.get_attribute("value") or 0) <= float(drawn.get_attribute("value") or 0)
    image = article(page, 1).get_by_role("img").first
    expect(image).to_be_visible()
    assert cluster.ended(shown_job(page))["status"] == "completed"
    expect(read).to_be_hidden()
    expect(article(page, 2)).to_contain_text("page 2")


def test_a_reload_in_the_middle_goes_on_where_it_was(page: Page, cluster: LiveCluster, book: Path) -> None:
    page.goto(cluster.url)
    hand_in(page, book)
    expect(article(page, 1)).to_contain_text("page 1")
    page.reload()
    expect(article(page, 1)).to_contain_text("page 1")
    job_id = shown_job(page)
    assert cluster.ended(job_id)["status"] == "completed"
    page.get_by_role("link", name="Documents").first.click()
    entry = page.get_by_role("listitem").filter(has=page.locator(f"a[href='#/jobs/{job_id}']"))
    expect(entry).to_contain_text(f"{PAGES} pages")
    page.reload()
    expect(entry).to_be_visible()


def test_a_job_is_cancelled_and_what_was_read_of_it_stays(page: Page, cluster: LiveCluster, book: Path) -> None:
    page.goto(cluster.url)
    hand_in(page, book)
    expect(article(page, 1)).to_contain_text("page 1")
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("progressbar", name="Pages read")).to_be_hidden()
    assert cluster.status(shown_job(page))["status"] == "cancelled"
    expect(article(page, 1)).to_contain_text("page 1")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="Recent documents")).to_be_visible()


def test_pages_that_failed_are_read_again(page: Page, cluster: LiveCluster, documents: Path) -> None:
    (documents / "long").mkdir()
    long = small_book(documents / "long", FAILING_PAGE + 1)
    page.goto(cluster.url)
    page.get_by_text("Options", exact=True).click()
    page.get_by_label("Pages", exact=True).fill(f"{FAILING_PAGE - 1}-{FAILING_PAGE}")
    hand_in(page, long)
    expect(page.get_by_text("Could not be read:")).to_be_visible()
    expect(article(page, FAILING_PAGE)).to_contain_text("The engine could not read the page.")
    page.get_by_role("button", name="Read 1 missing page again").click()
    expect(article(page, FAILING_PAGE)).to_contain_text(f"page {FAILING_PAGE}")
    expect(page.get_by_text("Could not be read:")).to_be_hidden()
    assert cluster.ended(shown_job(page))["run"] == 2


def test_a_locked_document_asks_for_its_password(page: Page, cluster: LiveCluster, locked: Path) -> None:
    page.goto(cluster.url)
    hand_in(page, locked)
    expect(page.get_by_text("The document is protected with a password.").first).to_be_visible()
    page.get_by_label("Password of the document").fill("abracadabra")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_text("The password does not open the document.").first).to_be_visible()
    expect(page.get_by_label("Another password")).to_be_focused()
    page.get_by_label("Another password").fill(SECRET)
    page.get_by_role("button", name="Read it").click()
    expect(article(page, 1)).to_contain_text("under the third palm tree")


def test_bad_files_are_refused_in_plain_words(page: Page, cluster: LiveCluster, documents: Path) -> None:
    (documents / "notes.pdf").write_text("These are notes, and no PDF.")
    (documents / "empty.png").write_bytes(b"")
    (documents / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"There is nothing more in it.\n" * 20)
    page.goto(cluster.url)
    hand_in(page, documents / "notes.pdf", documents / "empty.png")
    for name, words in (("notes.pdf", "This kind of file can"), ("empty.png", "The file is empty.")):
        entry = page.get_by_role("listitem").filter(has_text=name)
        expect(entry).to_contain_text(words)
        entry.get_by_role("button", name=f"Dismiss {name}").click()
        expect(entry).to_be_hidden()
    hand_in(page, documents / "broken.pdf")
    expect(page.get_by_text("The file is damaged").first).to_be_visible()


def test_a_folder_is_handed_in_with_all_that_is_in_it(page: Page, cluster: LiveCluster, documents: Path) -> None:
    folder = documents / "folder" / "below"
    folder.mkdir(parents=True)
    for path in (folder.parent / "one.png", folder / "two.png"):
        Image.new("L", (200, 260), 255).save(path)
    page.goto(cluster.url)
    drop(page.get_by_role("region", name="Hand in documents"), [folder.parent])
    for name in ("one.png", "two.png"):
        expect(page.get_by_role("link", name=name)).to_be_visible()
        expect(page.get_by_role("listitem").filter(has_text=name)).to_contain_text("1 page")


def test_all_of_it_works_from_the_keyboard(page: Page, cluster: LiveCluster, documents: Path) -> None:
    Image.new("L", (200, 260), 255).save(documents / "by keyboard.png")
    page.on("filechooser", lambda opened: opened.set_files(documents / "by keyboard.png"))
    page.goto(cluster.url)
    tab_to(page, page.get_by_role("button", name="Choose files"))
    page.keyboard.press("Enter")
    expect(article(page, 1)).to_contain_text("page 1")
    tab_to(page, page.get_by_role("link", name="Documents").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Recent documents")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="by keyboard.png").first)
    page.keyboard.press("Enter")
    expect(article(page, 1)).to_contain_text("page 1")


def tab_to(page: Page, target: Locator) -> None:
    """Presses Tab until it has the focus."""
    expect(target).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            return
    pytest.fail(f"Tab does not lead to {target}")
