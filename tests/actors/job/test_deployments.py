"""Deployments that follow each other: the old hosts let go of their jobs, the new ones take them, nobody else does."""

from __future__ import annotations

import pytest

from cluster.ids import SLOTS, slot_of
from cluster.record import JobRecord, JobStatus
from tests.actors.job.simulation.hosts import Life
from tests.actors.job.simulation.network import Weather
from tests.actors.job.simulation.run import end
from tests.actors.job.simulation.script import Place
from tests.actors.job.simulation.world import World, world

OLD = (Place("c1", "job-host-old-0"), Place("c1", "job-host-old-1"))
NEW = (Place("c1", "job-host-new-0"), Place("c1", "job-host-new-1"), Place("c1", "job-host-new-2"))
JOBS = 6


def begin_set(made: World, first: int, hosts: int, elders: list[Life]) -> list[Life]:
    """A deployment's hosts, which share out the slots, and tell their elders to go at every sweep."""

    async def drain_elders() -> None:
        for elder in elders:
            if elder.process.alive:
                made.drain(elder)

    lives = []
    for number in range(hosts):
        slots = frozenset(slot for slot in range(SLOTS) if slot % hosts == number)
        lives.append(made.begin(first + number, slots, drain_elders if elders else None))
    return lives


def records(made: World) -> list[JobRecord]:
    stored = [made.record(job) for job in range(JOBS)]
    return [record for record in stored if isinstance(record, JobRecord)]


@pytest.mark.parametrize("weather", [Weather(), Weather(lost=0.1, late=0.1, unavailable=0.1)], ids=["fair", "foul"])
@pytest.mark.parametrize("seed", range(3))
def test_a_new_deployment_takes_over_what_the_old_one_lets_go(weather: Weather, seed: int) -> None:
    with world((*OLD, *NEW), JOBS, seed) as made:
        made.network.weather = weather
        made.pools.slowest_s = 3.0
        old = begin_set(made, 0, len(OLD), [])
        for job in range(JOBS):
            made.accept(job, pages=6, shut=[6], told=slot_of(made.markers[job].job_id) % len(OLD))
        made.until(lambda: len(records(made)) == JOBS, 60, "not all were claimed")
        made.loop.run_for(4)
        new = begin_set(made, len(OLD), len(NEW), old)
        made.until(lambda: not any(life.process.alive for life in old), 60, "the old hosts do not end")
        made.loop.run_for(120)
        made.network.weather = Weather()
        assert [sorted(life.host.jobs) for life in old] == [[], []]
        assert sum(len(life.host.jobs) for life in new) == JOBS
        end_quietly(made)
        for record in records(made):
            assert record.status is JobStatus.COMPLETED
            assert (record.epoch, record.recoveries) == (2, 0), "let go once, taken up once, never counted as lost"
        assert sum(life.host.info()["jobs_fenced"] for life in made.lives) == 0


def end_quietly(made: World) -> None:
    """As run.end, where every job is still running."""
    assert not any(made.over(marker) for marker in made.markers)
    end(made)


def test_a_draining_host_takes_nothing_up_again() -> None:
    with world((OLD[0],), 2) as made:
        life = made.begin()
        made.accept(0, pages=2, shut=[2], told=0)
        made.loop.run_for(5)
        draining = made.loop.start(life.process, life.host.drain())
        made.loop.run_for(0.01)
        made.accept(1, pages=1, told=0)
        made.until(draining.done, 30, "it does not end")
        made.loop.run_for(60)
        assert [made.record(job) is not None for job in (0, 1)] == [True, False]
        assert isinstance(made.record(0), JobRecord)
        assert life.host.jobs == {}
