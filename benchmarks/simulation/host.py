"""A JobHost in virtual time: its jobs, the product's page budget dealt over them, and the demand that it tells of."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from random import Random

from actors.job.demand import Demand, PagesInFlight, demand_of
from actors.job.effects import Effect, RenderPage
from actors.job.job_host import MOST_LIVE
from actors.job.page_queue import PageBudget, PageQueue
from benchmarks.simulation.agenda import Agenda
from benchmarks.simulation.job import ENGINE, SimulatedJob
from benchmarks.simulation.load import Coming
from benchmarks.simulation.pool import Pool
from benchmarks.simulation.tally import Tally
from benchmarks.simulation.terms import Terms

MEGAPIXELS = 2.1
"""Of a letter page at 150 dpi."""


class SimulatedHost:
    """pools: of the engine, and of the Renderers. budget: the host's own. tally: that all hosts share.

    checked: called after each step, for tests.
    """

    def __init__(
        self, agenda: Agenda, terms: Terms, pools: tuple[Pool, Pool], budget: PageBudget, tally: Tally, random: Random
    ) -> None:
        self.agenda = agenda
        self.ocr, self.renderers = pools
        self.store_s = terms.store_s
        self.render_s = terms.render_s
        self.jobs: dict[str, SimulatedJob] = {}
        self.checked: Callable[[SimulatedJob], None] | None = None
        self._fails = terms.fails
        self._tally = tally
        self._random = random
        self._queue: PageQueue[tuple[SimulatedJob, RenderPage]] = PageQueue(budget)
        self._places: set[tuple[str, int]] = set()
        self._coming: deque[Coming] = deque()

    def adopt(self, coming: Coming) -> None:
        if len(self.jobs) >= MOST_LIVE:
            self._coming.append(coming)
            return
        job = self.jobs[coming.job_id] = SimulatedJob(coming, self)
        job.start()

    def demand(self) -> Demand:
        drawing = sum(job.drawing for job in self.jobs.values())
        reading = sum(job.reading for job in self.jobs.values())
        flow = PagesInFlight(drawing, 0, {ENGINE: reading}, self._queue.pages)
        return demand_of((job.state for job in self.jobs.values()), flow)

    # ------------------------------------------------------------ what a job has of its host

    def fails(self) -> bool:
        return self._random.random() < self._fails

    def enter(self, job: SimulatedJob, effect: RenderPage) -> None:
        if (job.coming.job_id, effect.page) in self._places:  # of an earlier attempt, kept
            job.draw(effect)
            return
        job.waiting += 1
        self._queue.add(job.coming.job_id, (job, effect), MEGAPIXELS)
        self._admit()

    def leave(self, job: SimulatedJob, page: int) -> None:
        place = (job.coming.job_id, page)
        if place in self._places:
            self._places.discard(place)
            self._queue.release(job.coming.job_id, MEGAPIXELS)
            self.agenda.after(0, self._admit)

    def _admit(self) -> None:
        while (taken := self._queue.take()) is not None:
            job, effect = taken
            job.waiting -= 1
            self._places.add((job.coming.job_id, effect.page))
            job.draw(effect)

    def stepped(self, job: SimulatedJob, run: Callable[[], list[Effect]]) -> list[Effect]:
        before = job.state.record
        begun = time.process_time()
        effects = run()
        self._tally.stepped(time.process_time() - begun)
        self._tally.moved(job.coming, before, job.state.record, self.agenda.now)
        if self.checked is not None:
            self.checked(job)
        return effects

    def wrote(self, *, record: bool) -> None:
        self._tally.wrote(self.agenda.now, record=record)

    def ended(self, job: SimulatedJob) -> None:
        del self.jobs[job.coming.job_id]
        self._tally.ended(job.coming, job.state.job, self.agenda.now)
        if self._coming:
            self.adopt(self._coming.popleft())
