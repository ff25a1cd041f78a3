"""What is shown of a job, and when those who wait for more are answered."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from actors.job.display import Display
from actors.job.shown import Shown
from cluster.record import JobRecord, JobStatus, PageRecord, PageStatus, Tombstone
from tests.actors.job.machine_driver import make_record

DONE = PageRecord(PageStatus.COMPLETED)


def _record(*done: int) -> JobRecord:
    return make_record(pages={n: DONE if n in done else PageRecord() for n in range(1, 6)})


def _shown(revision: int, terminal: bool = False) -> Shown:
    return Shown(b"{}", f'"1-{revision}"', terminal)


async def _waiting(display: Display, **more: int | bool) -> asyncio.Task[Shown]:
    task = asyncio.create_task(display.watch('"1-1"', 10, **more))  # type: ignore[arg-type]
    await asyncio.sleep(0.01)
    assert not task.done()
    return task


async def test_results_are_told_ahead_of_the_record_to_those_who_ask_for_them() -> None:
    display = Display(_shown(1))
    with_pages, without = await _waiting(display, ahead=0), await _waiting(display)
    display.result_stored(2, _record(2))
    display.result_stored(3, _record(2, 3))
    told = await with_pages
    assert (told.etag, told.ahead, told.data) == ('"1-1"', (2, 3), b""), "together, and what is known is not repeated"
    assert not without.done()
    display.stored(_shown(2), _record(2))
    assert ((await without).ahead, (await without).data) == ((3,), b"{}"), "what the record tells is not ahead of it"
    assert (await display.watch('"1-1"', 10, ahead=5)).etag == '"1-2"'


async def test_a_new_version_does_not_wait_for_more_pages() -> None:
    display = Display(_shown(1))
    task = await _waiting(display, ahead=0)
    display.result_stored(1, _record(1))
    display.stored(_shown(2), _record(1))
    async with asyncio.timeout(0.05):
        assert (await task).ahead == ()


async def test_who_has_seen_so_many_waits_for_the_next() -> None:
    display = Display(_shown(1))
    display.result_stored(1, _record(1))
    task = await _waiting(display, ahead=1)
    display.result_stored(4, _record(1, 4))
    assert (await task).ahead == (1, 4)


async def test_only_what_completed_a_page_is_told() -> None:
    display = Display(_shown(1))
    display.result_stored(1, _record())
    display.result_stored(9, _record())
    assert (await display.watch('"1-1"', 0.01, ahead=0)).ahead == ()


async def test_a_deleted_job_has_no_pages_ahead() -> None:
    display = Display(_shown(1))
    display.result_stored(1, _record(1))
    display.stored(_shown(2, terminal=True), replace(_record(), status=JobStatus.DELETING, pages={}))
    assert (await display.watch("", 1, ahead=0)).ahead == ()
    display.stored(_shown(3, terminal=True), Tombstone("j", 1, 3))
    assert (await display.watch('"1-2"', 1)).etag == '"1-3"'


async def test_all_are_answered_when_nothing_more_will_come() -> None:
    display = Display(_shown(1))
    tasks = [await _waiting(display, until_end=True), await _waiting(display, ahead=0)]
    display.close()
    assert [(await task).etag for task in tasks] == ['"1-1"'] * 2


async def test_a_page_is_told_before_the_record_names_any() -> None:
    display = Display(_shown(1))
    display.result_stored(1, _record(1))
    display.stored(_shown(2), replace(_record(), pages={}))
    assert (await display.watch('"1-1"', 1)).ahead == (1,)
    display.stored(_shown(3), _record(1))
    assert (await display.watch('"1-2"', 1)).ahead == ()
