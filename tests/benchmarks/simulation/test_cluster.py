"""A simulated cluster: everything that comes is read, whatever is lost on the way, and nothing is left running."""

from __future__ import annotations

import math
from dataclasses import replace

from actors.job import invariants
from benchmarks.simulation.cluster import SimulatedCluster
from benchmarks.simulation.job import SimulatedJob
from benchmarks.simulation.terms import Terms
from cluster.record import JobStatus, PageStatus

ROUGH = Terms(replicas=3, jobs_a_replica=8, start_s=30, alive_s=200, spot_s=300, fails=0.02, seed=7)
CALM = replace(ROUGH, alive_s=math.inf, fails=0.0)


def simulated(terms: Terms, *, checked: bool = False) -> SimulatedCluster:
    cluster = SimulatedCluster(terms)
    if checked:
        for host in cluster.hosts:
            host.checked = check
    assert cluster.run()
    return cluster


def check(job: SimulatedJob) -> None:
    invariants.check(job.state)


def test_no_page_is_lost_whatever_is_lost_under_it() -> None:
    cluster = simulated(ROUGH, checked=True)
    tally, ledger = cluster.tally, cluster.ocr.ledger
    assert ledger.preempted > 0
    assert ledger.crashed > 0
    assert tally.pages[PageStatus.COMPLETED] + tally.pages[PageStatus.FAILED] == ROUGH.pages
    assert tally.pages[PageStatus.COMPLETED] > 0.99 * ROUGH.pages
    assert tally.attempts > ROUGH.pages, "what failed was tried again"


def test_a_preempted_node_costs_nothing_but_time() -> None:
    tally = simulated(CALM).tally
    assert tally.jobs == {JobStatus.COMPLETED: CALM.jobs}
    assert (tally.pages[PageStatus.COMPLETED], tally.attempts) == (CALM.pages, CALM.pages)


def test_replicas_follow_the_work_from_none_to_all_and_back() -> None:
    cluster = simulated(replace(CALM, spot_s=math.inf, busy=0.9))
    targets = [target for _, target in cluster.ocr.ledger.targets]
    assert targets[0] > 0
    assert max(targets) == CALM.replicas
    assert targets[-1] == 0
    assert cluster.ocr.replicas == 0
    assert cluster.ocr.ledger.paid_s >= cluster.ocr.ledger.working_s > 0


def test_nothing_is_in_flight_at_the_end() -> None:
    cluster = simulated(ROUGH)
    assert [len(host.jobs) for host in cluster.hosts] == [0]
    assert (len(cluster.ocr), len(cluster.renderers)) == (0, 0)
    assert cluster.hosts[0]._queue.pages == cluster.hosts[0]._queue.waiting == 0


def test_a_seed_tells_the_whole_course() -> None:
    def figures(terms: Terms) -> tuple[object, ...]:
        cluster = simulated(terms)
        return cluster.agenda.now, cluster.tally.writes, cluster.tally.page_s, cluster.ocr.ledger

    assert figures(ROUGH) == figures(ROUGH)
    assert figures(ROUGH) != figures(replace(ROUGH, seed=8))


def test_records_are_written_at_the_products_pace() -> None:
    cluster = simulated(CALM)
    most = sum(3 + took + 1 for times in cluster.tally.took_s.values() for took in times)
    assert CALM.jobs * 3 <= cluster.tally.record_writes < most, "one a second, with a burst of three"
    assert cluster.tally.writes == cluster.tally.record_writes + CALM.pages
