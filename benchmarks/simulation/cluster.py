"""A whole cluster in virtual time: jobs come to hosts, hosts feed the pools, the policy looks every second."""

from __future__ import annotations

from functools import partial
from random import Random

from actors.job.demand import Demand
from benchmarks.simulation.agenda import Agenda
from benchmarks.simulation.host import SimulatedHost
from benchmarks.simulation.job import ENGINE
from benchmarks.simulation.load import draw_load
from benchmarks.simulation.pool import Pool, PoolTerms
from benchmarks.simulation.tally import SPELL_S, Tally
from benchmarks.simulation.terms import Terms
from cluster.ids import slot_of
from cluster.settings import load_settings
from serve_app.deploy import RENDER_CALLS, RENDER_PAGES
from serve_app.engine_settings import pool_shape
from serve_app.ray_hosts import host_of_slot, page_budgets
from serve_app.ray_scaling import POLL_S
from serve_app.replica_scaling import ScalingTerms

POOL = "null"
"""Whose settings the engine's pool has; its batches are the terms' own."""


class SimulatedCluster:
    """Budgets, places and what autoscaling aims at are those that the product computes for such settings."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.agenda = Agenda()
        self.tally = Tally()
        random = Random(terms.seed + 1)
        settings = load_settings(
            engines=POOL, batch_size=terms.batch, ocr_replicas=f"0-{terms.replicas}", job_hosts=terms.hosts
        )
        shape = pool_shape(POOL, settings)
        chance = (terms.start_s, terms.jitter, terms.alive_s, terms.spot_s)
        self.ocr = Pool(
            self.agenda,
            random,
            PoolTerms(terms.batch, terms.batch_s, shape.calls, *chance),
            ScalingTerms(*settings.ocr_range, shape.target, terms.up_s, terms.down_s),
        )
        self.renderers = Pool(
            self.agenda,
            random,
            PoolTerms(1, terms.render_s, RENDER_CALLS, *chance),
            ScalingTerms(1, terms.renderers, RENDER_PAGES, terms.up_s, terms.down_s),
        )
        pools, budget = (self.ocr, self.renderers), page_budgets(settings)[POOL]
        self.hosts = [SimulatedHost(self.agenda, terms, pools, budget, self.tally, random) for _ in range(terms.hosts)]

    def run(self) -> bool:
        """Until every job has ended and every OCR replica is gone; False where that is not so after a day."""
        for coming in draw_load(self.terms):
            host = self.hosts[host_of_slot(slot_of(coming.job_id), len(self.hosts))]
            self.agenda.at(coming.at, partial(host.adopt, coming))
        self._look()
        self._begin_spell()
        done = self.agenda.run_until(self._over, 24 * 3600 + self.terms.coming_s)
        self.ocr.close()
        self.renderers.close()
        return done

    def _over(self) -> bool:
        return self.tally.jobs.total() == self.terms.jobs and self.ocr.replicas == 0

    def _look(self) -> None:
        demand = sum((host.demand() for host in self.hosts), Demand())
        self.ocr.scale(demand.reads.get(ENGINE, 0.0))
        self.renderers.scale(demand.render)
        self.agenda.after(POLL_S, self._look)

    def _begin_spell(self) -> None:
        jobs = {job.coming.job_id for host in self.hosts for job in host.jobs.values() if job.waiting}
        self.tally.waiting(self.agenda.now, jobs)
        self.agenda.after(SPELL_S, self._begin_spell)
