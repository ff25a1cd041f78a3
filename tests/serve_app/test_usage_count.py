"""The count of jobs at once: what is told, what is found in the blob store, and what is never counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock, settle
from cluster.errors import TooManyJobs
from cluster.ids import new_job_id
from cluster.marker import Marker, Operation, encode_marker
from cluster.record import JobRecord, JobStatus, encode
from serve_app import usage_count
from serve_app.limits import Limits
from serve_app.usage_count import KEPT_S, ROUND_S, UsageCount
from tests.serve_app.builders import ANNA, BERT, ended, job_marker, job_record

TWO = Limits(jobs_at_once=2)


@dataclass
class World:
    store: MemoryBlobStore = field(default_factory=MemoryBlobStore)
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.usage = UsageCount(self.store, self.clock)
        self.running = asyncio.create_task(self.usage.run())

    async def refused(self, email: str = ANNA, job_id: str | None = None, limits: Limits = TWO) -> bool:
        answer = await self.usage.admit(email, job_id or new_job_id(), limits)
        assert answer is None or isinstance(answer, TooManyJobs)
        return answer is not None

    async def mark(self, email: str = ANNA, **changes: Any) -> str:
        marker = _marker(email, **changes)
        await self.store.put(layout.marker(marker.job_id), encode_marker(marker))
        return marker.job_id

    async def begin(self, email: str = ANNA) -> str:
        """A job that is admitted, marked and told of."""
        job_id = new_job_id()
        assert not await self.refused(email, job_id)
        marker = _marker(email, job_id=job_id)
        await self.store.put(layout.marker(job_id), encode_marker(marker))
        await self.usage.begun(email, job_id)
        return job_id

    async def save(self, record: JobRecord) -> None:
        await self.store.put(layout.record(layout.job_prefix(record.user_email, record.job_id)), encode(record))


def _marker(email: str, job_id: str = "", **changes: Any) -> Marker:
    job_id = job_id or new_job_id()
    return job_marker(job_id, user_email=email, prefix=layout.job_prefix(email, job_id), **changes)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    await settle(100)
    yield made
    made.running.cancel()


async def test_many_that_go_on_hide_none_that_has_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_count, "MOST_CHECKED", 2)
    three = Limits(jobs_at_once=3)
    jobs = [await world.begin(), await world.begin()]
    last = new_job_id()
    assert not await world.refused(job_id=last, limits=three)
    await world.usage.begun(ANNA, last)
    marker = _marker(ANNA, job_id=last, operation=Operation.CALLBACK)
    await world.store.put(layout.marker(last), encode_marker(marker))
    refusals = []
    for _ in range(3):
        await world.clock.advance(1)
        refusals.append(await world.refused(limits=three))
    assert refusals == [True, False, True], f"{jobs} go on, and the callback that is due is no job"


async def test_a_marker_that_comes_back_damaged_holds_up_no_other(world: World) -> None:
    damaged = await world.mark()
    await world.mark()
    world.store.fail("read", layout.marker(damaged), FaultKind.CORRUPT)
    await world.usage.round()
    assert not await world.refused()
    assert await world.refused(), "the other one counts"
    await world.usage.round()
    assert damaged in world.usage.open_jobs(ANNA), "it was read again"


async def test_so_many_and_no_more_and_others_are_not_concerned(world: World) -> None:
    assert [await world.refused() for _ in range(3)] == [False, False, True]
    assert not await world.refused(BERT)
    assert not await world.refused(limits=Limits(jobs_at_once=3))
    assert await world.refused(ANNA.upper())


async def test_the_refusal_names_limit_and_patience(world: World) -> None:
    answer = await world.usage.admit(ANNA, new_job_id(), Limits(jobs_at_once=1))
    answer = await world.usage.admit(ANNA, new_job_id(), Limits(jobs_at_once=1))
    assert isinstance(answer, TooManyJobs)
    assert answer.detail == "1 of your jobs have not ended, as many as you may have at once; wait until one has."
    assert answer.retry_after_s == 5


async def test_asking_twice_for_one_job_takes_one_place(world: World) -> None:
    job_id = new_job_id()
    assert not await world.refused(job_id=job_id)
    assert not await world.refused(job_id=job_id)
    assert not await world.refused()
    assert not await world.refused(job_id=job_id), "it has its place"


async def test_a_place_given_back_is_free_at_once(world: World) -> None:
    job_id = new_job_id()
    await world.refused(job_id=job_id)
    await world.begin()
    assert await world.refused()
    await world.usage.released(ANNA, job_id)
    assert not await world.refused()


async def test_a_place_of_a_job_that_has_begun_is_not_given_back_by_a_late_word(world: World) -> None:
    jobs = [await world.begin(), await world.begin()]
    await world.usage.released(ANNA, jobs[0])
    assert await world.refused()


@pytest.mark.parametrize("how", ["marker gone", "terminal record", "callback due", "being deleted"])
async def test_a_job_that_has_ended_is_noticed_before_the_next_is_refused(world: World, how: str) -> None:
    first, _ = await world.begin(), await world.begin()
    assert await world.refused()
    await world.clock.advance(1)
    if how == "marker gone":
        await world.store.delete(layout.marker(first))
    elif how == "terminal record":
        await world.save(ended(job_record(first, user_email=ANNA)))
    else:
        operation = Operation.CALLBACK if how == "callback due" else Operation.DELETE
        await world.mark(job_id=first, operation=operation)
    assert not await world.refused()
    assert await world.refused()


async def test_a_retry_that_is_ordered_counts_although_the_record_has_ended(world: World) -> None:
    first, _ = await world.begin(), await world.begin()
    await world.save(ended(job_record(first, user_email=ANNA), JobStatus.PARTIAL))
    await world.mark(job_id=first, run=2)
    await world.clock.advance(1)
    assert await world.refused()


async def test_a_store_that_is_away_ends_no_job(world: World) -> None:
    await world.begin()
    await world.begin()
    await world.clock.advance(1)
    world.store.fail("read", "*", FaultKind.UNAVAILABLE, None)
    assert await world.refused()


async def test_many_at_the_same_moment_get_no_more_places_than_there_are(world: World) -> None:
    first, _ = await world.begin(), await world.begin()
    await world.clock.advance(1)
    await world.store.delete(layout.marker(first))
    answers = await asyncio.gather(*(world.refused() for _ in range(20)))
    assert answers.count(False) == 1


async def test_a_place_that_nothing_comes_of_is_kept_for_a_while_only(world: World) -> None:
    late = new_job_id()
    await world.refused(job_id=late)
    await world.refused()
    await world.clock.advance(KEPT_S - 1)
    assert await world.refused()
    await world.clock.advance(2)
    assert [await world.refused() for _ in range(3)] == [False, False, True]
    await world.usage.begun(ANNA, late)
    assert late in world.usage.open_jobs(ANNA)


async def test_a_fresh_count_knows_what_has_not_ended(world: World) -> None:
    await world.mark()
    await world.mark(operation=Operation.CANCEL)
    await world.mark(operation=Operation.CALLBACK)
    await world.mark(operation=Operation.DELETE)
    await world.mark(BERT)
    await world.store.put(layout.marker(new_job_id()), b"damaged")
    fresh = World(world.store)
    assert await fresh.refused(), "it waits until the first round is through"
    assert not await fresh.refused(BERT)
    fresh.running.cancel()


async def test_rounds_find_what_nobody_told_and_lose_nothing_that_is_on_its_way(world: World) -> None:
    gone, kept = await world.begin(), new_job_id()
    await world.refused(job_id=kept)
    await world.store.delete(layout.marker(gone))
    untold = await world.mark()
    await world.clock.advance(ROUND_S)
    await settle(100)
    assert sorted(world.usage.open_jobs(ANNA)) == sorted([kept, untold])


async def test_a_job_that_begins_during_a_round_keeps_its_place(world: World) -> None:
    slow = world.store.fail("list", layout.markers_of_slot(63), FaultKind.SLOW)
    rounds = asyncio.create_task(world.usage.round())
    await settle(100)
    job_id = await world.begin()
    slow.gate.set()
    await rounds
    assert world.usage.open_jobs(ANNA) == [job_id]


async def test_users_of_whom_nothing_is_left_are_forgotten(world: World) -> None:
    job_id = await world.begin()
    await world.store.delete(layout.marker(job_id))
    await world.clock.advance(ROUND_S)
    await settle(100)
    assert world.usage._users == {}


async def test_a_store_that_is_away_at_the_start_delays_the_count_and_does_not_end_it() -> None:
    world = World()
    world.store.fail("list", "*", FaultKind.UNAVAILABLE, 2)
    asked = asyncio.create_task(world.refused())
    await world.clock.advance(0.5)
    assert not asked.done()
    await world.clock.advance(5)
    assert await asyncio.wait_for(asked, 1) is False
    world.running.cancel()
