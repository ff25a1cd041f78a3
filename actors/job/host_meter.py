"""What a host tells the metrics: how its jobs and pages end, what is tried again, and what waits for how long."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING

from actors.job.effects import AssembleOutputs, Effect, OpenDocument, RecognizePage, RenderPage
from actors.job.events import Event
from cluster import metrics
from cluster.clock import Clock
from cluster.meter import Meter
from cluster.metrics import TimedStage
from cluster.record import TERMINAL, JobRecord, PageRecord, PageStatus

if TYPE_CHECKING:
    from actors.job.job_host import JobHost
    from actors.job.page_gate import PageGate

RENDERER = "Renderer"
NONE = "none"
ENDED = frozenset({PageStatus.COMPLETED, PageStatus.FAILED, PageStatus.SKIPPED})


class HostMeter:
    def __init__(self, meter: Meter, clock: Clock) -> None:
        self._meter = meter
        self._clock = clock
        self._pages: dict[str, dict[tuple[str, int], float]] = {}
        """By pool, in order of coming: pages that have not ended, and when they asked for their first place."""

    def watch(self, host: JobHost, gate: PageGate) -> None:
        """Has the host's figures collected, and makes known the series whose first growth matters."""
        for pool in (*gate.pools, RENDERER):
            for announced in (True, False):
                self._meter.add(metrics.REPLICAS_LOST, pool, _word(announced), amount=0)
        for status in TERMINAL:
            self._meter.add(metrics.JOBS_ENDED, status, amount=0)
        for outcome in ("saved", "conflict", "throttled", "unclear"):
            self._meter.add(metrics.RECORD_SAVES, outcome, amount=0)
        for when in ("running", "claiming"):
            self._meter.add(metrics.FENCINGS, when, amount=0)
        for work in ("open", "render", "recognise", "assemble"):
            self._meter.add(metrics.ATTEMPTS_AGAIN, work, amount=0)
        self._meter.add(metrics.RECOVERIES, amount=0)
        self._meter.add(metrics.PAGES_ENDED, PageStatus.FAILED, NONE, NONE, amount=0)
        self._meter.sample(lambda: self._sample(host, gate))

    def _sample(self, host: JobHost, gate: PageGate) -> None:
        self._meter.set(metrics.JOBS_LIVE, len(host.jobs))
        self._meter.set(metrics.JOBS_WAITING, host.intake.waiting)
        for pool, (waiting, in_flight) in gate.pools.items():
            self._meter.set(metrics.PAGES_WAITING, waiting, pool)
            self._meter.set(metrics.PAGES_IN_FLIGHT, in_flight, pool)
            self._meter.set(metrics.OLDEST_PAGE, self.oldest(pool), pool)
        counts = host.courier.counts
        self._meter.set(metrics.CALLBACKS_DUE, host.courier.due)
        self._meter.follow(metrics.CALLBACKS, counts.delivered, "delivered")
        self._meter.follow(metrics.CALLBACKS, counts.failed, "failed")
        self._meter.follow(metrics.CALLBACKS, counts.given_up, "given_up")

    # ------------------------------------------------------------ jobs

    def claimed(self, *, recovered: bool) -> None:
        if recovered:
            self._meter.add(metrics.RECOVERIES)

    def stepped(self, before: JobRecord | None, after: JobRecord | None, event: Event) -> None:
        """A job's record before and after an event. What a claim found stored is not counted."""
        if before is None or after is None or before.pages is after.pages:
            return
        page = getattr(event, "page", None)
        for number in after.pages if page is None else (page,):
            now, stood = after.pages.get(number), before.pages.get(number)
            if now is not None and stood is not None and now.status is not stood.status and now.status in ENDED:
                self._page_ended(now)

    def _page_ended(self, page: PageRecord) -> None:
        self._meter.add(metrics.PAGES_ENDED, page.status, page.engine or NONE, page.source or NONE)

    def job_ended(self, record: JobRecord) -> None:
        self._meter.add(metrics.JOBS_ENDED, record.status)
        seconds = (self._clock.now() - datetime.fromisoformat(record.created_at)).total_seconds()
        self._meter.observe(metrics.JOB_TIME, max(0.0, seconds), record.status)

    def ordered(self, effect: Effect) -> None:
        match effect:
            case OpenDocument(_, attempt) if attempt > 1:
                self._again("open")
            case RenderPage(_, _, attempt) if attempt > 1:
                self._again("render")
            case RecognizePage(_, _, attempt) if attempt > 1:
                self._again("recognise")
            case AssembleOutputs(_, formats) if any(attempt > 1 for _, attempt in formats):
                self._again("assemble")

    def _again(self, work: str) -> None:
        self._meter.add(metrics.ATTEMPTS_AGAIN, work)

    def lost(self, pool: str, announced: bool) -> None:
        """A call ended with its replica."""
        self._meter.add(metrics.REPLICAS_LOST, pool, _word(announced))

    def fenced(self, when: str) -> None:
        self._meter.add(metrics.FENCINGS, when)

    def saved(self, outcome: str) -> None:
        """A write of a record ended."""
        self._meter.add(metrics.RECORD_SAVES, outcome)

    # ------------------------------------------------------------ time

    def timed(self, stage: TimedStage) -> AbstractContextManager[None]:
        return self._meter.timed(stage)

    def oldest(self, pool: str) -> float:
        """The age of the oldest page of the pool that has not ended, in seconds; 0 where there is none."""
        now = self._clock.monotonic()
        return now - next(iter(self._pages.get(pool, {}).values()), now)

    def page_came(self, job_id: str, page: int, pool: str) -> None:
        """The page asks for a place in the pool's budget; one that had a place elsewhere keeps its age there."""
        if not any((job_id, page) in pages for pages in self._pages.values()):
            self._pages.setdefault(pool, {})[(job_id, page)] = self._clock.monotonic()

    def page_left(self, job_id: str, page: int) -> None:
        for pages in self._pages.values():
            pages.pop((job_id, page), None)

    def pages_left(self, job_id: str, *, but: Collection[int]) -> None:
        """All pages of the job but these."""
        for pages in self._pages.values():
            for key in [key for key in pages if key[0] == job_id and key[1] not in but]:
                del pages[key]


def _word(truth: bool) -> str:
    return "yes" if truth else "no"
