"""Pages a second of a born-digital document whose embedded text is taken: the whole cluster, against what its parts do.

GeoTopo, a German mathematics script of 117 pages, goes through the cluster with the layout step (``layout=full``) and
without it (``layout=plain``). Beside that, in the same run and on the same cores: pymupdf4llm, which arranges pages by
the same layout model, without OCR; and MuPDF's plain text, in whose order a page's text stands in the file. Each is
timed after a first pass that warms up.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.running_cluster import REPOSITORY, read_to_the_end, running_cluster
from benchmarks.table import print_table

DOCUMENT = REPOSITORY.parent / "shared" / "samples" / "GeoTopo-komprimiert.pdf"
LOOP_S = 1800
MARKDOWN, PLAIN = "markdown", "plain"


def through_cluster(path: Path, passes: int) -> dict[str, float]:
    """Pages a second by layout."""
    rates: dict[str, float] = {}
    with running_cluster(engines="rapidocr") as cluster, cluster.client() as client:
        for layout in ("plain", "full"):
            for _ in range(1 + passes):
                start = time.monotonic()
                record = read_to_the_end(client, path.name, path.read_bytes(), layout=layout)
                seconds = time.monotonic() - start
            sources = [page["source"] for page in record["pages"].values()]
            rates[layout] = len(sources) / seconds
            arranged = sum((page["layout"] or "").startswith("pymupdf") for page in record["pages"].values())
            told = f"{sources.count('embedded')} of {len(sources)} pages by their embedded text"
            print(f"layout={layout}: {told}, {arranged} arranged by the layout model", flush=True)
    return rates


def in_a_loop(kind: str, path: Path) -> float:
    """Pages a second, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.embedded", "--loop", kind, str(path)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=LOOP_S, check=False)
    if done.returncode:
        raise RuntimeError(f"the loop {kind} ended with {done.returncode}: {done.stderr[-2000:]}")
    return float(json.loads(done.stdout.splitlines()[-1]))


def run_loop(kind: str, path: Path) -> float:
    import pymupdf

    read: Callable[[list[int]], object]
    with pymupdf.open(path) as document:
        pages = list(range(document.page_count))
        if kind == MARKDOWN:
            import pymupdf4llm

            def read(numbers: list[int]) -> object:
                return pymupdf4llm.to_markdown(document, pages=numbers, use_ocr=False, show_progress=False)
        else:

            def read(numbers: list[int]) -> object:
                return [document[number].get_text() for number in numbers]

        read(pages[:3])
        start = time.monotonic()
        read(pages)
        return len(pages) / (time.monotonic() - start)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks embedded", description=__doc__)
    parser.add_argument("--passes", type=int, default=1, help="timed passes through the cluster; the last one counts")
    parser.add_argument("--loop", help=argparse.SUPPRESS)
    parser.add_argument("document", nargs="?", type=Path, default=DOCUMENT)
    options = parser.parse_args()
    if options.loop:
        print(json.dumps(run_loop(options.loop, options.document)))
        return
    if not options.document.is_file():
        parser.error(f"there is no {options.document}; name a born-digital PDF.")
    rates = through_cluster(options.document, options.passes)
    rows = [
        ("the whole cluster, layout=full", rates["full"]),
        ("pymupdf4llm without OCR, in a loop", in_a_loop(MARKDOWN, options.document)),
        ("the whole cluster, layout=plain", rates["plain"]),
        ("MuPDF's plain text, in a loop", in_a_loop(PLAIN, options.document)),
    ]
    print_table(options.document.name, ["what", "pages/s"], [[what, f"{rate:.1f}"] for what, rate in rows])


if __name__ == "__main__":
    main()
