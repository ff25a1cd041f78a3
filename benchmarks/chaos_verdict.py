"""What a load left behind in the blob store: every accepted job, every page, and what was read again.

A result is created once, so its blob's generation tells when its page was finished. A page that was read again after
that has a reading in its job's record that began later.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from cluster import layout
from cluster.blobs.open import open_store
from cluster.blobs.port import BlobStore
from cluster.errors import BlobNotFound
from cluster.record import JobRecord, JobStatus, Tombstone, decode
from serve_app.identity import ANONYMOUS

PAUSE_WITHIN_S = 15.0
"""A pause is looked for so long after a kill, or until the next one."""


OUTPUTS = 2
"""Formats that every completed job has: md and txt."""


@dataclass
class Verdict:
    """lost: accepted jobs without a record. unfinished: not ``completed``, or with a page or an output missing.

    read_again: finished pages that were read once more. finished_at: when each page was, seconds since 1970, sorted.
    """

    jobs: int = 0
    pages: int = 0
    lost: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    read_again: list[str] = field(default_factory=list)
    finished_at: list[float] = field(default_factory=list)

    def pauses(self, kills: Sequence[float]) -> list[float]:
        """After each kill (seconds since 1970, rising), the longest stretch without a finished page, in seconds.

        What of it lies before the kill is not counted: then a page was being read.
        """
        ends = [min(killed + PAUSE_WITHIN_S, later) for killed, later in zip(kills, [*kills[1:], inf], strict=True)]
        return [self._longest(killed, end) for killed, end in zip(kills, ends, strict=True)]

    def _longest(self, start: float, end: float) -> float:
        """Of the stretches between two finished pages that begin before ``end`` and end after ``start``."""
        stretches = zip(self.finished_at, self.finished_at[1:], strict=False)
        within = ((max(earlier, start), later) for earlier, later in stretches if later > start and earlier < end)
        return max((later - earlier for earlier, later in within), default=0.0)


async def judge(store_url: str, accepted: dict[str, int]) -> Verdict:
    """accepted: pages by job id."""
    store = open_store(store_url)
    ticks_a_second = 1e9 if store_url.startswith("file:") else 1e6
    verdict = Verdict(jobs=len(accepted), pages=sum(accepted.values()))
    try:
        for job_id, pages in accepted.items():
            await _judge_job(store, job_id, pages, ticks_a_second, verdict)
    finally:
        await store.close()
    verdict.finished_at.sort()
    return verdict


async def _judge_job(store: BlobStore, job_id: str, pages: int, ticks_a_second: float, verdict: Verdict) -> None:
    prefix = layout.job_prefix(ANONYMOUS, job_id)
    try:
        record = decode((await store.read(layout.record(prefix))).data)
    except BlobNotFound:
        verdict.lost.append(job_id)
        return
    listed = await store.list(f"{prefix}page_", limit=10 * pages + 10)
    found = {layout.page_of_result(prefix, info.name): info.generation / ticks_a_second for info in listed}
    finished = {page: at for page, at in found.items() if page is not None}
    verdict.finished_at += finished.values()
    wrong = _unfinished(record, finished.keys(), pages)
    if wrong or not isinstance(record, JobRecord):
        verdict.unfinished.append(f"{job_id}: {wrong}")
        return
    for page, at in finished.items():
        begun = record.pages[page].processing_started_at
        if begun is not None and datetime.fromisoformat(begun).timestamp() > at:
            verdict.read_again.append(f"{job_id} page {page}")


def _unfinished(record: JobRecord | Tombstone, finished: Set[int], pages: int) -> str:
    """What keeps the job from being completed; empty if nothing does."""
    if isinstance(record, Tombstone):
        return "deleted"
    if record.status is not JobStatus.COMPLETED:
        return f"{record.status}, {record.error}, recoveries {record.recoveries}"
    if finished != set(range(1, pages + 1)):
        return f"results of {len(finished)} of {pages} pages"
    return "" if len(record.outputs) >= OUTPUTS else f"outputs {sorted(record.outputs)}"
