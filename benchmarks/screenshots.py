"""Pictures of the running page for the documents: ``python -m benchmarks.screenshots [FOLDER]``, default docs/images.

The project's samples are read by rapidocr in a cluster of its own, and every view is taken in the window of a desktop
and of a phone, light and dark.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from benchmarks.running_cluster import REPOSITORY, RunningCluster, read_to_the_end, running_cluster
from tests.browser.chromium import NoChromium, running_chromium

FOLDER = REPOSITORY / "docs" / "images"
SAMPLES = ("form.pdf", "letter.pdf", "columns.png")
"""The last is the newest job, and the one that is shown."""

WINDOWS: dict[str, ViewportSize] = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
SCHEMES = ("light", "dark")
MOST_BYTES = 200_000
COLOURS = (256, 128, 64, 32)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with running_chromium() as browser, running_cluster(engines="rapidocr") as cluster:
            job_id = _read_samples(cluster)
            for window in WINDOWS:
                for scheme in SCHEMES:
                    with _opened(browser, cluster.url, window, scheme) as page:
                        _take_all(page, job_id, folder, f"{window}-{scheme}")
    except NoChromium as none:
        sys.exit(str(none))


def _read_samples(cluster: RunningCluster) -> str:
    with cluster.client() as client:
        for name in SAMPLES:
            record = read_to_the_end(client, name, (REPOSITORY / "samples" / name).read_bytes())
    return str(record["job_id"])


@contextmanager
def _opened(browser: Browser, url: str, window: str, scheme: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport=WINDOWS[window],
        base_url=url,
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        has_touch=window == "phone",
        is_mobile=window == "phone",
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def _take_all(page: Page, job_id: str, folder: Path, suffix: str) -> None:
    page.goto("/")
    page.get_by_role("link", name=SAMPLES[-1]).first.wait_for()
    take(page, folder / f"home-{suffix}.png")
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_role("img").first.wait_for()
    page.locator("svg polygon").nth(14).hover()
    take(page, folder / f"job-{suffix}.png")
    page.goto("/#/cluster")
    page.get_by_role("table", name="Engines").wait_for()
    page.wait_for_timeout(6_500)  # so that there is something in the lines
    take(page, folder / f"cluster-{suffix}.png")


def take(page: Page, path: Path) -> None:
    """In as many colours as there is room for; those that are seldom count as much as others, or a grey scan would take
    them all. RuntimeError: it is too large all the same."""
    page.wait_for_load_state("networkidle")
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for colours in COLOURS:
        taken.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
        size = path.stat().st_size
        if size <= MOST_BYTES:
            print(f"{path.name}: {size / 1000:.0f} kB in {colours} colours")
            return
    raise RuntimeError(f"{path.name} has {size} bytes, more than {MOST_BYTES}")


if __name__ == "__main__":
    main()
