"""kill -9 of a host in every gap of a job's life: at each of its requests in turn, which is lost, late, or done.

The gaps between upload and marker, and between marker and the call to a host, are the Ingress's.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import pytest

from cluster import layout
from cluster.marker import Operation
from cluster.record import JobStatus
from tests.actors.job.simulation.history import Request
from tests.actors.job.simulation.moment import Gap, Watch
from tests.actors.job.simulation.run import end
from tests.actors.job.simulation.script import Place
from tests.actors.job.simulation.world import World, world

PLACES = (Place("c1", "job-host-a-0"), Place("c2", "job-host-b-0"))
LATE_S = 40.0


class Fate(StrEnum):
    """What becomes of the request at which its host dies."""

    LOST = "lost"
    LATE = "late"
    DONE = "done"


class Reaper:
    """Kills the first ``lives`` lives, each at its request number ``at`` (from 0) about the job."""

    def __init__(self, made: World, at: int, fate: Fate, lives: int) -> None:
        self._made = made
        self._at = at
        self._fate = fate
        self._lives = lives
        self._seen: dict[str, int] = {}
        self._marker = made.markers[0]
        self.reaped = 0
        made.network.traps.append(self._meet)

    def _meet(self, request: Request) -> None:
        if request.acted is not (self._fate is Fate.DONE) or not self._concerns_the_job(request):
            return
        count = self._seen.get(request.process.name, 0)
        self._seen[request.process.name] = count + 1
        if count != self._at or self.reaped >= self._lives:
            return
        for life in self._made.lives:
            if life.process is request.process:
                self.reaped += 1
                self._made.kill(life, back_after=1.0)
                request.dropped = self._fate is Fate.LOST
                request.held_s = LATE_S if self._fate is Fate.LATE else 0.0

    def _concerns_the_job(self, request: Request) -> bool:
        return request.name.startswith((self._marker.prefix, layout.marker(self._marker.job_id)))


def read(made: World) -> None:
    made.accept(0, pages=3, told=0)


def cancel(made: World) -> None:
    made.accept(0, pages=3, shut=[2], told=0)
    made.loop.outside(6.0, lambda: made.order(0, Operation.CANCEL, told=0))


def read_again(made: World) -> None:
    made.accept(0, pages=2, told=0)
    made.loop.outside(30.0, lambda: made.order(0, Operation.RUN, told=0))


def delete(made: World) -> None:
    made.accept(0, pages=3, shut=[2], told=0)
    made.loop.outside(6.0, lambda: made.order(0, Operation.DELETE, told=0))


def delete_what_has_ended(made: World) -> None:
    made.accept(0, pages=2, told=0)
    made.loop.outside(30.0, lambda: made.order(0, Operation.DELETE, told=0))


def drain(made: World) -> None:
    made.accept(0, pages=3, shut=[2], told=0)

    def stop_by_signal() -> None:
        for life in made.living(0):
            made.drain(life, back_after=1.0)

    made.loop.outside(6.0, stop_by_signal)


ENDS: dict[Callable[[World], None], JobStatus] = {
    cancel: JobStatus.CANCELLED,
    delete: JobStatus.DELETED,
    delete_what_has_ended: JobStatus.DELETED,
}


@pytest.mark.parametrize("lives", [1, 2])
@pytest.mark.parametrize("fate", Fate)
@pytest.mark.parametrize(
    "story", [read, cancel, read_again, delete, delete_what_has_ended, drain], ids=lambda story: story.__name__
)
def test_a_host_may_die_at_any_of_its_requests(story: Callable[[World], None], fate: Fate, lives: int) -> None:
    at = 0
    while _dies(story, at, fate, lives):
        at += 1
    assert at >= 8, "a job takes more requests than that"


def _dies(story: Callable[[World], None], at: int, fate: Fate, lives: int) -> bool:
    """Tells the story with death at request ``at``; whether anybody died of it."""
    with world(PLACES[:1], seed=at) as made:
        reaper = Reaper(made, at, fate, lives)
        made.begin()
        story(made)
        made.loop.run_for(60)
        end(made)
        record = made.record(0)
        assert record is not None
        assert record.status is ENDS.get(story, JobStatus.COMPLETED)
        return reaper.reaped > 0


@pytest.mark.parametrize("gap", [Gap.CLAIM, Gap.RESULT, Gap.RECORD, Gap.TERMINAL])
def test_the_other_cluster_goes_on_where_a_host_died_for_good(gap: Gap) -> None:
    with world(PLACES) as made:
        first = made.begin(0)
        made.begin(1)
        watch = Watch(made.markers[0])
        made.history.watchers.append(lambda act: made.kill(first) if watch.gap(act) is gap else None)
        made.accept(0, pages=3, told=0)
        made.until(lambda: not first.process.alive, 30, "nobody died")
        made.until(lambda: made.over(made.markers[0]), 200, "nobody took the job over")
        made.judge()


def test_an_upload_without_a_marker_is_no_job() -> None:
    """The Ingress died before it had accepted anything."""
    with world(PLACES[:1]) as made:
        made.begin()
        watch = Watch(made.markers[0])
        made.history.watchers.append(lambda act: made.kill_ingress() if watch.gap(act) is Gap.UPLOAD else None)
        made.accept(0, pages=3, told=0)
        made.loop.run_for(100)
        prefix = made.markers[0].prefix
        assert [name for name in made.history.standing if name.startswith(prefix)] == [f"{prefix}raw/document.pdf"]
        assert layout.marker(made.markers[0].job_id) not in made.history.standing


def test_a_job_that_no_host_was_told_of_is_found_by_a_sweep() -> None:
    """The Ingress died between storing the marker and telling."""
    with world(PLACES[:1]) as made:
        made.begin()
        made.loop.run_for(1)
        watch = Watch(made.markers[0])
        made.history.watchers.append(lambda act: made.kill_ingress() if watch.gap(act) is Gap.MARKER else None)
        made.accept(0, pages=3, told=0)
        made.until(lambda: made.record(0) is not None, 31, "no sweep has found it")
        end(made)
