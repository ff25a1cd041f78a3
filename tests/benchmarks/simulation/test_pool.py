"""A simulated pool: batches, losses, and replicas that go in good order."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

from benchmarks.simulation.agenda import Agenda
from benchmarks.simulation.pool import Call, Pool, PoolTerms
from serve_app.replica_scaling import ScalingTerms

TERMS = PoolTerms(batch=4, batch_s=10, calls=24, start_s=30, jitter=0, alive_s=math.inf, spot_s=math.inf)


class World:
    def __init__(self, least: int = 1, terms: PoolTerms = TERMS) -> None:
        self.agenda = Agenda()
        scaling = ScalingTerms(least, 4, pages=8, up_s=0, down_s=0)
        self.pool = Pool(self.agenda, Random(1), terms, scaling)
        self.answers: list[tuple[float, bool, bool]] = []

    def submit(self, calls: int, *, alone: bool = False) -> None:
        for number in range(calls):
            self.pool.submit(Call(f"job {number}", self.answered, alone))

    def answered(self, lost: bool, announced: bool) -> None:
        self.answers.append((self.agenda.now, lost, announced))

    def run(self, until_s: float) -> None:
        self.agenda.run_until(lambda: False, until_s)
        self.agenda.now = until_s


def test_pages_wait_for_the_node_and_are_read_in_batches() -> None:
    world = World()
    world.submit(8)
    world.run(29)
    assert (world.pool.replicas, len(world.pool), world.answers) == (0, 8, [])
    world.run(60)
    assert [at for at, _, _ in world.answers] == [40.0] * 4 + [50.0] * 4
    assert (world.pool.ledger.batches, world.pool.ledger.pages) == (2, 8)


def test_a_page_that_asks_to_be_alone_is() -> None:
    world = World()
    world.submit(2, alone=True)
    world.run(60)
    assert [at for at, _, _ in world.answers] == [35.0, 40.0], "a page alone takes half as long as a batch"


def test_it_is_scaled_by_demand_and_a_replica_that_goes_finishes_first() -> None:
    world = World(least=0)
    world.pool.scale(32)
    world.run(31)
    assert world.pool.replicas == 4
    world.submit(16)
    world.pool.scale(0)
    assert world.pool.replicas > 0, "they have pages"
    world.run(80)
    assert world.pool.replicas == 0
    assert [lost for _, lost, _ in world.answers] == [False] * 16


def test_one_that_is_not_up_yet_goes_first() -> None:
    world = World(least=0)
    world.pool.scale(8)
    world.run(31)
    world.pool.scale(16)
    world.pool.scale(8)
    world.run(100)
    assert world.pool.replicas == 1
    world.pool.close()
    assert world.pool.ledger.paid_s == 100


def test_what_a_lost_replica_had_is_answered_and_it_is_replaced() -> None:
    for terms, announced in ((replace(TERMS, spot_s=1e-6), True), (replace(TERMS, alive_s=1e-6), False)):
        world = World(terms=terms)
        world.submit(8)
        world.run(30.5)
        assert world.answers
        assert {(lost, told) for _, lost, told in world.answers} == {(True, announced)}
        assert world.pool.replicas == 0
        world.pool.scale(8)
        assert world.pool.ledger.preempted + world.pool.ledger.crashed == 1
        world.run(60.9)
        assert world.pool.ledger.preempted + world.pool.ledger.crashed == 2, "there was another one"
