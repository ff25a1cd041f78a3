"""Pages of a user's day: which jobs count, with how many pages, and from when on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.errors import BlobUnavailable
from cluster.ids import first_job_id_at
from cluster.marker import encode_marker
from cluster.record import JobRecord, JobStatus, Tombstone, encode
from serve_app.day_pages import DayPages
from tests.serve_app.builders import ANNA, ended, job_marker, job_record

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def job_at(hours: float, number: int = 0) -> str:
    return str(UUID(int=UUID(first_job_id_at(DAY + timedelta(hours=hours))).int + number))


class World:
    def __init__(self) -> None:
        self.store = MemoryBlobStore()
        self.pages = DayPages(self.store, ANNA, DAY)

    async def submit(self, job_id: str) -> None:
        marker = job_marker(job_id, user_email=ANNA, prefix=layout.job_prefix(ANNA, job_id))
        await self.store.put(layout.index(ANNA, job_id), b"")
        await self.store.put(layout.marker(job_id), encode_marker(marker))

    async def save(self, record: JobRecord | Tombstone) -> None:
        await self.store.put(layout.record(layout.job_prefix(ANNA, record.job_id)), encode(record))

    async def total(self) -> int:
        await self.pages.refresh()
        return self.pages.total


async def test_a_job_counts_as_one_page_until_its_pages_are_known() -> None:
    world = World()
    assert await world.total() == 0
    job_id = job_at(1)
    await world.submit(job_id)
    assert await world.total() == 1
    await world.save(job_record(job_id, pages={}))
    assert await world.total() == 1
    await world.save(job_record(job_id))
    assert await world.total() == 3
    await world.save(ended(job_record(job_id)))
    assert await world.total() == 3


async def test_only_jobs_of_the_day_count() -> None:
    world = World()
    for hours in (-0.001, 0, 5, 23):
        job_id = job_at(hours)
        await world.submit(job_id)
        await world.save(job_record(job_id))
    assert await world.total() == 9
    world.pages.reserve(job_at(-1))
    assert world.pages.total == 9


@pytest.mark.parametrize(
    ("record", "pages"),
    [
        (lambda job_id: ended(job_record(job_id, pages={}), JobStatus.FAILED), 0),
        (lambda job_id: ended(job_record(job_id), JobStatus.CANCELLED), 3),
        (lambda job_id: Tombstone(job_id, 1, 9), 1),
    ],
    ids=["never opened", "cancelled", "deleted before anybody looked"],
)
async def test_how_jobs_that_went_another_way_count(record: object, pages: int) -> None:
    world = World()
    job_id = job_at(1)
    await world.submit(job_id)
    await world.save(record(job_id))  # type: ignore[operator]
    assert await world.total() == pages


async def test_a_deletion_gives_no_pages_back() -> None:
    world = World()
    job_id = job_at(1)
    await world.submit(job_id)
    await world.save(job_record(job_id))
    assert await world.total() == 3
    await world.save(Tombstone(job_id, 1, 9))
    await world.store.delete(layout.index(ANNA, job_id))
    assert await world.total() == 3


async def test_pages_that_are_told_need_no_look() -> None:
    world = World()
    job_id = job_at(1)
    await world.submit(job_id)
    world.pages.learn(job_id, 3)
    await world.save(Tombstone(job_id, 1, 9))
    assert await world.total() == 3
    world.pages.learn(job_at(-1), 5)
    assert await world.total() == 3, "of another day"


async def test_what_was_never_accepted_does_not_count() -> None:
    world = World()
    await world.store.put(layout.index(ANNA, job_at(1)), b"")
    assert await world.total() == 0


async def test_a_reservation_counts_until_it_is_given_back() -> None:
    world = World()
    kept, back = job_at(1), job_at(1, 1)
    for job_id in (kept, back):
        world.pages.reserve(job_id)
    assert await world.total() == 2, "nothing is stored of them, and they count all the same"
    world.pages.settle_reservation(back, kept=False)
    assert await world.total() == 1
    await world.submit(kept)
    world.pages.settle_reservation(kept, kept=True)
    await world.save(job_record(kept))
    assert await world.total() == 3


async def test_a_retry_that_is_refused_forgets_no_pages() -> None:
    world = World()
    job_id = job_at(1)
    await world.submit(job_id)
    assert await world.total() == 1
    world.pages.reserve(job_id)
    world.pages.settle_reservation(job_id, kept=False)
    assert world.pages.total == 1


async def test_an_entry_that_comes_late_is_found() -> None:
    world = World()
    await world.submit(job_at(2))
    assert await world.total() == 1
    await world.submit(job_at(2 - 1 / 60))
    await world.submit(job_at(3))
    assert await world.total() == 3


async def test_many_jobs_are_listed_in_pieces_and_read_in_turns() -> None:
    world = World()
    jobs = [job_at(1, number) for number in range(1100)]
    for job_id in jobs:
        await world.submit(job_id)
    assert await world.total() == 1100
    for job_id in jobs:
        await world.save(job_record(job_id))
    totals = [await world.total() for _ in range(5)]
    assert totals == sorted(totals)
    assert totals[-1] == 3300


async def test_a_store_that_is_away_is_told() -> None:
    world = World()
    world.store.fail("list", "*", FaultKind.UNAVAILABLE)
    with pytest.raises(BlobUnavailable):
        await world.pages.refresh()


async def test_a_record_that_comes_back_damaged_holds_up_no_other_and_is_read_again() -> None:
    world = World()
    for number in range(2):
        await world.submit(job_at(1, number))
        await world.save(job_record(job_at(1, number)))
    world.store.fail("read", layout.record(layout.job_prefix(ANNA, job_at(1))), FaultKind.CORRUPT)
    assert await world.total() == 4
    assert await world.total() == 6


async def test_an_unreadable_record_counts_as_one_page_and_is_not_read_for_ever() -> None:
    world = World()
    job_id = job_at(1)
    await world.submit(job_id)
    await world.store.put(layout.record(layout.job_prefix(ANNA, job_id)), b"damaged")
    assert await world.total() == 1
    world.store.fail("read", "*", FaultKind.UNAVAILABLE)
    assert await world.total() == 1
