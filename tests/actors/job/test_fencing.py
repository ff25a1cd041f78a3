"""Fencing, tried as an adversary would: of two that hold a job to be theirs one goes on, the other writes no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cluster import layout
from cluster.record import JobRecord, JobStatus
from tests.actors.job.simulation.history import HEARTBEATS, Request
from tests.actors.job.simulation.hosts import Life
from tests.actors.job.simulation.network import Weather
from tests.actors.job.simulation.run import end
from tests.actors.job.simulation.script import Place
from tests.actors.job.simulation.world import World, world

TWO_CLUSTERS = (Place("c1", "job-host-a-0"), Place("c2", "job-host-b-0"))
TAKEN_OVER_S = 100.0


@pytest.fixture
def two() -> Iterator[World]:
    with world(TWO_CLUSTERS) as made:
        yield made


def record(made: World) -> JobRecord:
    stored = made.record(0)
    assert isinstance(stored, JobRecord)
    return stored


def owned_by(made: World, life: Life) -> bool:
    stored = made.record(0)
    return isinstance(stored, JobRecord) and made.writer(0) is life.process and stored.owner != ""


def asked_to_write(made: World, life: Life, since: float) -> list[Request]:
    """What this host has asked to be written to the job since then."""
    marker = made.markers[0]
    names = (marker.prefix, layout.marker(marker.job_id))
    return [
        request
        for request in made.history.requests
        if request.process is life.process and request.writes and request.at > since and request.name.startswith(names)
    ]


def test_of_two_claims_from_one_generation_one_stands(two: World, caplog: pytest.LogCaptureFixture) -> None:
    """Two clusters on one bucket are told of a job at once; both claims are on their way before one lands."""
    name = layout.record(two.markers[0].prefix)

    def meet(request: Request) -> None:
        if request.name == name and request.writes and not request.acted:
            request.held_s = 1.0

    two.network.traps.append(meet)
    first, second = two.begin(0), two.begin(1)
    two.loop.run_for(1)
    two.accept(0, pages=2, shut=[2])
    two.loop.run_for(0.2)
    for life in (first, second):
        two.loop.start(life.process, life.host.adopt(two.markers[0].job_id))
    two.until(lambda: first.host.info()["jobs_fenced"] + second.host.info()["jobs_fenced"] == 1, 10, "nobody lost")
    two.network.traps.remove(meet)
    loser = first if first.host.info()["jobs_fenced"] else second
    winner = second if loser is first else first
    lost_at = two.loop.time()
    assert owned_by(two, winner)
    assert record(two).epoch == 1
    assert [text for text in caplog.messages if "fenced" in text]
    two.loop.run_for(200)
    assert asked_to_write(two, loser, lost_at) == []
    assert record(two).epoch == 1, "never claimed while the winner's heartbeat moves"
    end(two)
    assert record(two).status is JobStatus.COMPLETED


@pytest.mark.parametrize("how", ["stalled", "cut off"])
def test_a_host_that_comes_back_has_lost_its_jobs(two: World, caplog: pytest.LogCaptureFixture, how: str) -> None:
    two.network.arriving = 0.0
    first, second = two.begin(0), two.begin(1)
    two.pools.slowest_s = 10.0
    two.accept(0, pages=4, shut=[4], told=0)
    two.until(lambda: owned_by(two, first), 5, "the first does not claim")
    (two.stall if how == "stalled" else two.cut_off)(first, TAKEN_OVER_S)
    two.until(lambda: owned_by(two, second), TAKEN_OVER_S, "nobody takes over")
    assert first.host.info()["jobs_fenced"] == 0, "it does not know yet"
    two.until(lambda: first.host.info()["jobs_fenced"] == 1, TAKEN_OVER_S, "it does not notice")
    noticed_at = two.loop.time()
    assert [text for text in caplog.messages if two.markers[0].job_id in text and "epoch 1 stops" in text]
    two.loop.run_for(300)
    assert asked_to_write(two, first, noticed_at) == []
    assert record(two).epoch == 2, "never claimed while the winner's heartbeat moves"
    two.kill(second)
    two.until(lambda: owned_by(two, first), TAKEN_OVER_S, "the winner died, and nobody takes over")
    assert record(two).epoch == 3
    end(two)


def test_a_restarted_host_takes_its_jobs_from_the_life_that_was_thought_dead() -> None:
    with world(TWO_CLUSTERS[:1]) as made:
        old = made.begin()
        made.accept(0, pages=2, shut=[2], told=0)
        made.until(lambda: owned_by(made, old), 5, "it does not claim")
        made.loop.run_for(10)
        new = made.begin()
        made.until(lambda: owned_by(made, new), 5, "the next life waits for its predecessor")
        # Nothing is left to save, so nothing but the re-reading of a record that stood still tells the old one.
        made.until(lambda: old.host.info()["jobs_fenced"] == 1, TAKEN_OVER_S, "the old life does not notice")
        made.loop.run_for(200)
        assert record(made).epoch == 2
        end(made)


def test_an_outage_is_no_dead_owner(two: World) -> None:
    """Neither where nobody reaches the store, nor where the observer alone does not."""
    first, second = two.begin(0), two.begin(1)
    two.accept(0, pages=2, shut=[2], told=0)
    two.loop.run_for(40)
    assert second.host.intake.awaiting, "the second watches the first"
    two.cut_off(None, 45)
    two.loop.run_for(100)
    two.cut_off(second, 45)
    two.loop.run_for(100)
    two.network.weather = Weather(unavailable=0.3)
    two.loop.run_for(200)
    assert (record(two).epoch, first.host.info()["jobs_fenced"]) == (1, 0)
    end(two)
    assert record(two).epoch == 1


def test_a_silent_host_starts_no_page_before_it_has_read_the_record_again() -> None:
    with world(TWO_CLUSTERS[:1]) as made:
        life = made.begin()
        made.pools.slowest_s = 3.0
        made.accept(0, pages=100, told=0)
        silent = True

        def lose_beats(request: Request) -> None:
            request.dropped = request.dropped or (silent and request.name.startswith(HEARTBEATS) and request.writes)

        made.loop.run_for(15)
        made.network.traps.append(lose_beats)
        made.loop.run_for(60)
        in_silence = len(made.history.readings)
        made.loop.run_for(20)
        assert len(made.history.readings) == in_silence, "it had been silent for 30 s"
        silent = False
        made.until(lambda: len(made.history.readings) > in_silence, 20, "it does not go on")
        name = layout.record(made.markers[0].prefix)
        reads = [act for act in made.history.acts if act.name == name and act.request.operation == "read"]
        assert reads
        assert made.history.readings[in_silence].number > reads[-1].number
        assert life.host.info()["jobs_fenced"] == 0
        end(made)
