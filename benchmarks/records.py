"""What a job of many pages costs its host: the processor time of a save and of a fact, and memory.

No cluster is started: the machine is fed the facts of a whole job, with its record encoded as a save would.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc

from actors.job.events import (
    DocumentOpened,
    Event,
    JobClaimed,
    PageRecognized,
    PageRendered,
    ResultSaved,
    ResultSummary,
)
from actors.job.machine import step
from actors.job.pacing import SavePacer
from actors.job.state import JobState, Policy
from benchmarks.table import print_table
from cluster.marker import Marker, Operation, queued_record
from cluster.record import FileInfo, decode, encode

NOW = "2026-01-01T00:00:00.000000Z"
SUMMARY = ResultSummary("ocr", "rapidocr", "3.10.0/PP-OCRv6-small/openvino-2026.4.1-f32", 0.97, 0, 2400)
SAVES = 20


def claimed() -> JobClaimed:
    document = FileInfo("book.pdf", "pdf", 0, "raw/document.pdf", 10_000_000)
    job_id = "01890000-0000-7000-8000-000000000001"
    marker = Marker(job_id, Operation.RUN, 1, "reader@example.org", "users/x/jobs/y/", document, NOW)
    return JobClaimed(queued_record(marker))


def facts(page: int) -> list[Event]:
    """Everything that is told of a page."""
    return [
        PageRendered(1, page, 1, f"page_{page:03d}.png"),
        PageRecognized(1, page, 1),
        ResultSaved(1, page, 1, SUMMARY),
    ]


def measure(pages: int) -> list[str]:
    tracemalloc.start()
    state, _ = step(JobState(Policy()), claimed(), NOW)
    state, _ = step(state, DocumentOpened(1, 1, pages, tuple(range(1, pages + 1))), NOW)
    half = pages // 2
    for page in range(1, half):
        for fact in facts(page):
            state, _ = step(state, fact, NOW)
    memory, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    begun = time.process_time()
    for _ in range(SAVES):
        data = encode(state.job)
    save_ms = 1000 * (time.process_time() - begun) / SAVES
    begun = time.process_time()
    decode(data)
    claim_ms = 1000 * (time.process_time() - begun)
    begun, count = time.process_time(), 0
    for page in range(half, min(pages, half + 100)):
        for fact in facts(page):
            state, _ = step(state, fact, NOW)
            count += 1
    fact_ms = 1000 * (time.process_time() - begun) / count
    pacer = SavePacer()
    for _ in range(3):
        pacer.saved(0.0, len(data))
    interval_s = pacer.wait(0.0, 0.0, urgent=True)
    figures = [save_ms, claim_ms, fact_ms, len(data) / 1024, memory / 1024, interval_s]
    return [str(pages), *(f"{figure:.2f}" for figure in figures)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="+", default=[1, 50, 500, 5000], help="of a job, each a row")
    chosen = parser.parse_args()
    header = ["pages", "save, CPU ms", "read back, ms", "a fact, CPU ms", "record KB", "state KB", "s between saves"]
    print_table("A job half read", header, [measure(pages) for pages in chosen.pages])


if __name__ == "__main__":
    main()
