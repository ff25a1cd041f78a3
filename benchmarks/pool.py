"""How the OCR pool serves: how full its batches are, and how long a letter waits while a book of 2,000 pages is read.

``batches``: the null engine takes 100 ms for a batch of up to 16, so 160 pages/s are possible. ``letters``: the same
one-page document, on an idle cluster and while the book runs, with a null engine of 200 ms a page and with rapidocr.
The book is cancelled once the letters are back. Both are `interactive`: turns alone help.
"""

from __future__ import annotations

import argparse
import io
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import httpx
from PIL import Image

from benchmarks.control_plane import document
from benchmarks.running_cluster import REPOSITORY, ClusterSettings, ended, read_to_the_end, running_cluster, submit
from benchmarks.table import print_table

BATCH, BATCH_MS = 16, 100
PAGES = 960
BOOK_PAGES = 2000
LETTERS = 8
SETTLE_S = 5.0

ENGINES: dict[str, ClusterSettings] = {
    "null, 200 ms a page": {"engines": "null", "batch_size": "1", "null_delay_ms": "200"},
    "rapidocr": {"engines": "rapidocr"},
}


def batches() -> None:
    """One long job, and as many pages as jobs of one page."""
    settings = {"engines": "null", "batch_size": str(BATCH), "null_delay_ms": str(BATCH_MS), "null_render": "true"}
    ideal = BATCH * 1000 / BATCH_MS
    with running_cluster(**settings) as cluster, cluster.client() as client:
        read_to_the_end(client, *document(BATCH, real=False))
        start = time.monotonic()
        ended(client, submit(client, *document(PAGES, real=False)))
        long_job = PAGES / (time.monotonic() - start)
        several = _several_jobs(client, 8, PAGES // 8)
    rows = [[name, f"{rate:.0f}", f"{rate / ideal:.2f}"] for name, rate in (("one job", long_job), ("8 jobs", several))]
    print_table(f"Batches of {BATCH}, {BATCH_MS} ms each: {PAGES} pages", ["load", "pages/s", "of the possible"], rows)


def _several_jobs(client: httpx.Client, jobs: int, pages: int) -> float:
    name, data = document(pages, real=False)
    start = time.monotonic()
    with ThreadPoolExecutor(jobs) as threads:
        list(threads.map(lambda _: ended(client, submit(client, name, data)), range(jobs)))
    return jobs * pages / (time.monotonic() - start)


def letters() -> None:
    rows = []
    for engine, settings in ENGINES.items():
        idle, beside = _letters(settings, engine == "rapidocr")
        rows.append([engine, f"{median(idle):.2f}", f"{median(beside):.2f}", f"{max(beside):.2f}"])
        rows[-1].append(f"{median(beside) / median(idle):.1f}")
    header = ["engine", "idle s, median", "beside a book s, median", "longest", "times the idle"]
    print_table(f"A one-page letter, alone and while a book of {BOOK_PAGES} pages is read", header, rows)


def _letters(settings: ClusterSettings, real: bool) -> tuple[list[float], list[float]]:
    letter = ("letter.png", (REPOSITORY / "samples" / "letter.png").read_bytes()) if real else document(1, real=True)
    with running_cluster(**settings) as cluster, cluster.client() as client:
        read_to_the_end(client, *letter)
        idle = [_seconds(client, letter) for _ in range(LETTERS)]
        book = submit(client, *(_book() if real else document(BOOK_PAGES, real=True)))
        time.sleep(SETTLE_S)
        beside = [_seconds(client, letter) for _ in range(LETTERS)]
        client.post(f"/api/jobs/{book}/cancel").raise_for_status()
    return idle, beside


def _seconds(client: httpx.Client, letter: tuple[str, bytes]) -> float:
    start = time.monotonic()
    read_to_the_end(client, *letter)
    return time.monotonic() - start


def _book() -> tuple[str, bytes]:
    """The sample letter as every page of a TIFF, in black and white."""
    page = Image.open(REPOSITORY / "samples" / "letter.png").convert("1")
    file = io.BytesIO()
    page.save(file, "TIFF", compression="group4", save_all=True, append_images=[page] * (BOOK_PAGES - 1))
    return "book.tiff", file.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=("batches", "letters"), help="default: both")
    part = parser.parse_args().part
    if part in (None, "batches"):
        batches()
    if part in (None, "letters"):
        letters()
