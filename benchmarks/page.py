"""The web page in a browser: until it is usable, from a page recognised to its text on the screen, a book scrolled.

    python -m benchmarks page [--pages N] [--book N]

A page counts as recognised at the time stamp of its stored result; on the screen, at the frame in which its text is
first drawn. Both are of this machine's clock. The engine is ``null``, one page a batch.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize

from benchmarks.percentile import percentile
from benchmarks.running_cluster import ended, running_cluster, submit
from benchmarks.table import print_table
from tests.browser.chromium import NoChromium, running_chromium
from tests.browser.local_server import LocalServer
from tests.browser.page_memory import page_memory
from tests.browser.standing_book import write_standing_book
from tests.e2e.books import small_book

DELAY_MS = 300
OPENINGS = 5
WINDOW: ViewportSize = {"width": 1280, "height": 800}
TALL: ViewportSize = {"width": 1280, "height": 6000}
"""So that many pages stand in it at once: those that do not are not drawn at all."""

USABLE = """
new MutationObserver((_, observer) => {
  if (!document.querySelector('input[type=file]')) return
  observer.disconnect()
  requestAnimationFrame(() => { window.usableAt = performance.now() })
}).observe(document, { childList: true, subtree: true })
"""

SEEN = """
window.seenAt = {}
const look = () => {
  for (const found of document.body?.innerText.matchAll(/page (\\d+)\\s+\\d+ x/g) ?? []) {
    window.seenAt[found[1]] ??= Date.now()
  }
  requestAnimationFrame(look)
}
requestAnimationFrame(look)
"""

SCROLL = """
(pagesAFrame) => new Promise((resolve) => {
  const scrolls = (one) => ['auto', 'scroll'].includes(getComputedStyle(one).overflowY)
  const all = [document.scrollingElement, ...[...document.querySelectorAll('*')].filter(scrolls)]
  const target = all.reduce((most, one) => (one.scrollHeight > most.scrollHeight ? one : most))
  const frames = []
  let last = performance.now()
  const next = (now) => {
    frames.push(now - last)
    last = now
    const before = target.scrollTop
    target.scrollTop += target.clientHeight * pagesAFrame
    if (target.scrollTop === before) resolve({ frames, height: target.scrollHeight })
    else requestAnimationFrame(next)
  }
  requestAnimationFrame(next)
})
"""


def main() -> None:
    options = _arguments()
    try:
        with running_chromium() as browser:
            rows = [*_live(browser, options.pages), *_book(browser, options.book)]
    except NoChromium as none:
        sys.exit(str(none))
    print_table("The web page in Chromium, without a window", ("what", "measured"), rows)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pages", type=int, default=40, help="of the job whose texts are waited for")
    parser.add_argument("--book", type=int, default=2000, help="pages of the job that is scrolled through")
    return parser.parse_args()


# ------------------------------------------------------------ a job while it is read


def _live(browser: Browser, pages: int) -> Iterator[tuple[str, str]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_cluster(engines="null", batch_size="1", null_delay_ms=str(DELAY_MS)) as cluster,
    ):
        yield from _openings(browser, cluster.url)
        book = small_book(Path(folder), pages)
        with cluster.client() as client, _opened(browser, cluster.url, TALL) as page:
            page.add_init_script(SEEN)
            job_id = submit(client, book.name, book.read_bytes())
            page.goto(f"{cluster.url}/#/jobs/{job_id}")
            late = _follow(page, client, job_id, cluster.folder / "store", pages)
    yield f"recognised to on the screen, {len(late)} pages: median", f"{statistics.median(late):.0f} ms"
    yield "the same, 95 of 100", f"{percentile(late, 0.95):.0f} ms"
    yield "the same, slowest", f"{max(late):.0f} ms"


def _openings(browser: Browser, url: str) -> Iterator[tuple[str, str]]:
    """With nothing in the browser's cache."""
    times, sizes, requests = [], [], []
    for _ in range(OPENINGS):
        with _opened(browser, url) as page:
            session = page.context.new_cdp_session(page)
            session.send("Network.enable")
            received: list[int] = []
            session.on("Network.loadingFinished", lambda event, to=received: to.append(int(event["encodedDataLength"])))
            page.add_init_script(USABLE)
            page.goto(url, wait_until="networkidle")
            times.append(float(page.evaluate("() => window.usableAt")))
            sizes.append(sum(received))
            requests.append(len(received))
    yield f"opened until usable, median of {OPENINGS}", f"{statistics.median(times):.0f} ms"
    yield "slowest of them", f"{max(times):.0f} ms"
    yield "sent for it, headers and first answers of the API included", f"{statistics.median(sizes) / 1000:.1f} kB"
    yield "requests", f"{statistics.median(requests):.0f}"


def _follow(page: Page, client: Any, job_id: str, store: Path, pages: int) -> list[float]:
    """Milliseconds between stored and seen, of each page that was shown while the job was read."""
    ended(client, job_id)
    page.wait_for_function("() => Object.keys(window.seenAt).length > 0")
    page.wait_for_timeout(1000)
    seen: dict[str, int] = page.evaluate("() => window.seenAt")
    stored = {
        int(path.name[5:].partition("_")[0]): path.stat().st_mtime_ns / 1e6
        for path in store.rglob(f"jobs/{job_id}/page_*_result.json")
    }
    return [at - stored[int(number)] for number, at in seen.items() if int(number) in stored]


# ------------------------------------------------------------ a book that is scrolled through


def _book(browser: Browser, pages: int) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        job_id = write_standing_book(Path(folder), pages)
        server = LocalServer(Path(folder))
        server.start()
        try:
            with _opened(browser, server.url) as page:
                page.goto(f"{server.url}/#/jobs/{job_id}")
                page.get_by_text("of page 1,").first.wait_for()
                page.wait_for_timeout(1000)
                before = page_memory(page)
                told: dict[str, Any] = page.evaluate(SCROLL, 0.5)
                page.get_by_text(f"of page {pages},").first.wait_for()
                page.wait_for_timeout(1000)
                after = page_memory(page)
        finally:
            server.stop()
    frames: list[float] = told["frames"]
    yield f"a job of {pages:,} pages scrolled through, half a window a frame: frames", f"{len(frames)}"
    yield "time of a frame: median", f"{statistics.median(frames):.0f} ms"
    yield "99 of 100", f"{percentile(frames, 0.99):.0f} ms"
    yield "longest", f"{max(frames):.0f} ms"
    yield "JS heap in use, before and after", f"{before.heap / 1e6:.1f} MB, {after.heap / 1e6:.1f} MB"
    yield "DOM nodes, before and after", f"{before.nodes:,}, {after.nodes:,}"


@contextmanager
def _opened(browser: Browser, url: str, window: ViewportSize = WINDOW) -> Iterator[Page]:
    context = browser.new_context(viewport=window, base_url=url)
    try:
        yield context.new_page()
    finally:
        context.close()


if __name__ == "__main__":
    main()
