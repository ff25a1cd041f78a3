"""Jobs under watch: one call for all who ask, answers without a call, and when the watch ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cluster.clock import settle
from cluster.errors import JobNotFound
from cluster.record import JobStatus, Tombstone, encode
from serve_app import live_jobs
from serve_app.found import Found
from serve_app.gateway import StoredRecord
from serve_app.identity import ANONYMOUS, Identity
from serve_app.live_job import Demand
from serve_app.records import Records
from tests.serve_app.builders import Server, ended, job_marker, job_record

CALLER = Identity(ANONYMOUS)


class Calls:
    """statuses: how often a host was asked for a record."""

    def __init__(self, web: Server) -> None:
        self.statuses = 0
        self._status = web.gateway.status
        web.gateway.status = self._counted  # type: ignore[method-assign]

    async def _counted(self, job_id: str) -> StoredRecord | None:
        self.statuses += 1
        return await self._status(job_id)


@pytest.fixture
def records(web: Server) -> Records:
    return Records(web.store, web.gateway, web.clock)


async def test_status_of_a_watched_job_asks_nobody(web: Server) -> None:
    record = job_record()
    web.gateway.show(record)
    calls = Calls(web)
    url = f"/api/jobs/{record.job_id}/status"
    assert (await web.client.get(url)).json()["revision"] == 4
    await settle()
    web.store.log.clear()
    answers = [(await web.client.get(url)).json()["revision"] for _ in range(20)]
    web.gateway.show(replace(record, revision=5))
    await settle()
    answers.append((await web.client.get(url)).json()["revision"])
    assert answers == [4] * 20 + [5]
    assert (calls.statuses, len(web.gateway.watched), web.store.log) == (1, 2, [])


@pytest.mark.parametrize("demand", list(Demand))
async def test_a_job_that_somebody_listens_to_already_is_asked_for_once(
    web: Server, records: Records, demand: Demand
) -> None:
    record = job_record()
    web.gateway.show(record)
    calls = Calls(web)
    found = Found(record, encode(record))
    with records.live.listening(CALLER, found, demand):
        await settle()
        for _ in range(20):
            assert (await records.find_live(CALLER, record.job_id)).record.revision == 4
            await settle()
        assert calls.statuses <= 2, "a call for each of those who ask"
        web.gateway.show(replace(record, revision=5))
        await settle()
        assert (await records.find_live(CALLER, record.job_id)).record.revision == 5
        web.gateway.forget(record.job_id)
        await web.save(replace(record, revision=6))
        await settle()
        assert (await records.find_live(CALLER, record.job_id)).record.revision == 6


async def test_all_who_wait_share_one_watch(web: Server) -> None:
    record = job_record()
    web.gateway.show(record)
    url = f"/api/jobs/{record.job_id}/status?wait=60"
    waiting = [asyncio.create_task(web.client.get(url, headers={"If-None-Match": '"1-4"'})) for _ in range(50)]
    await settle(500)
    assert web.gateway.watching == 1
    assert len(web.gateway.watched) == 1
    web.gateway.show(ended(record))
    assert {(await task).json()["status"] for task in waiting} == {"completed"}


async def test_a_watch_ends_when_no_one_asks_any_more(web: Server, records: Records) -> None:
    record = job_record()
    web.gateway.show(record)
    await records.find_live(CALLER, record.job_id)
    await settle()
    assert (len(records.live), web.gateway.watching) == (1, 1)
    for _ in range(16):
        await web.clock.advance(1)
    assert (len(records.live), web.gateway.watching) == (0, 0)


async def test_a_watch_ends_with_its_job(web: Server, records: Records) -> None:
    record = job_record()
    web.gateway.show(record)
    await records.find_live(CALLER, record.job_id)
    web.gateway.show(ended(record))
    await settle()
    await web.clock.advance(0.5)
    assert (len(records.live), web.gateway.watching) == (0, 0)


async def test_an_ended_job_is_asked_of_the_store_alone_and_is_never_stale(web: Server, records: Records) -> None:
    record = ended(job_record())
    await web.save(record)
    calls = Calls(web)
    for _ in range(3):
        assert (await records.find_live(CALLER, record.job_id)).record.terminal
    assert calls.statuses == 1, "only before it was known to have ended"
    again = job_record(record.job_id, run=2, revision=8)
    await web.save(again)
    web.gateway.show(again)
    assert (await records.find_live(CALLER, record.job_id)).record.run == 2, "a retry, by another Ingress"
    await web.save(ended(again))
    web.gateway.forget(record.job_id)
    await web.clock.advance(2)
    assert (await records.find_live(CALLER, record.job_id)).record.terminal
    await web.save(Tombstone(record.job_id, 1, 20))
    with pytest.raises(JobNotFound):
        await records.find_live(CALLER, record.job_id)


async def test_while_no_host_answers_the_store_does(web: Server) -> None:
    record = job_record()
    await web.save(record)
    web.gateway.show(record)
    url = f"/api/jobs/{record.job_id}/status"
    await web.client.get(url)
    web.gateway.unreachable = True
    web.gateway.forget("")  # the call that goes on breaks off
    await web.clock.advance(0.1)
    for revision in (6, 7):
        await web.save(replace(record, revision=revision))
        assert (await web.client.get(url)).json()["revision"] == revision
    back = replace(record, epoch=2, revision=9)
    await web.save(back)
    web.gateway.unreachable = False
    web.gateway.show(back)
    await web.clock.advance(1)
    watched = len(web.gateway.watched)
    assert (await web.client.get(url)).json()["epoch"] == 2
    assert len(web.gateway.watched) == watched


async def test_a_host_that_knows_less_than_the_store_is_not_believed(web: Server, records: Records) -> None:
    record = job_record()
    web.gateway.show(record)
    newer = replace(record, epoch=2, revision=30)
    await web.save(newer)
    task = asyncio.create_task(records.changed(CALLER, await records.find_stored(CALLER, record.job_id), 5))
    await settle()
    for _ in range(6):
        await web.clock.advance(1)
    assert (await task).record.revision == 30


async def test_another_user_does_not_find_a_watched_job(web: Server, records: Records) -> None:
    record = job_record()
    web.gateway.show(record)
    await records.find_live(CALLER, record.job_id)
    await settle()
    with pytest.raises(JobNotFound):
        await records.find_live(Identity("else@example.org"), record.job_id)


async def test_a_job_being_deleted_is_gone_at_once(web: Server, records: Records) -> None:
    record = job_record()
    web.gateway.show(record)
    await records.find_live(CALLER, record.job_id)
    await settle()
    web.gateway.show(replace(record, status=JobStatus.DELETING, revision=9))
    await settle()
    with pytest.raises(JobNotFound):
        await records.find_live(CALLER, record.job_id)
    assert len(records.live) == 0


async def test_who_waits_for_the_end_alone_costs_one_call_until_somebody_wants_more(
    web: Server, records: Records
) -> None:
    record = job_record()
    web.gateway.show(record)
    found = await records.find(CALLER, record.job_id)
    task = asyncio.create_task(records.ended(CALLER, found, 60))
    for revision in (5, 6, 7):
        await settle()
        web.gateway.show(replace(record, revision=revision))
    await settle()
    assert len(web.gateway.watched) == 1
    with records.live.listening(CALLER, found, Demand.VERSIONS) as job:
        await settle()
        assert job.view.record.revision == 7
        assert web.gateway.watching == 1, "the call was replaced"
    web.gateway.show(ended(replace(record, revision=8)))
    assert (await task).record.terminal


async def test_of_jobs_asked_for_now_and_then_a_bounded_number_is_watched(
    web: Server, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_jobs, "MOST_WATCHED", 3)
    kept = [job_record() for _ in range(6)]
    for record in kept:
        web.gateway.show(record)
        await records.find_live(CALLER, record.job_id)
        await web.clock.advance(0.1)
    assert (len(records.live), web.gateway.watching) == (3, 3)
    assert records.live.shown(kept[5].job_id) is not None
    assert records.live.shown(kept[0].job_id) is None, "asked for longest ago"
    monkeypatch.setattr(live_jobs, "MOST_WATCHED", 512)
    monkeypatch.setattr(live_jobs, "MOST_BYTES", 10)
    await records.find_live(CALLER, kept[0].job_id)
    assert len(records.live) == 0, "nor more bytes"


async def test_one_who_waits_is_never_let_go_of(web: Server, records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_jobs, "MOST_WATCHED", 0)
    record = job_record()
    web.gateway.show(record)
    found = await records.find(CALLER, record.job_id)
    task = asyncio.create_task(records.changed(CALLER, found, 60))
    await settle()
    web.gateway.show(other := job_record())
    await records.find_live(CALLER, other.job_id)
    assert len(records.live) == 1
    web.gateway.show(ended(record))
    assert (await task).record.terminal


async def test_a_wrong_answer_ends_the_watch_and_is_told_to_all(web: Server, records: Records) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    web.gateway.show(record)
    found = await records.find(CALLER, record.job_id)
    tasks = [asyncio.create_task(records.ended(CALLER, found, 60)) for _ in range(3)]
    await settle()

    async def broken(*arguments: object, **more: object) -> None:
        raise RuntimeError("no such host")

    web.gateway.watch = broken  # type: ignore[method-assign]
    web.gateway.forget(record.job_id)  # what goes on is another call
    await settle()
    await web.clock.advance(1.5)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(result) for result in results] == ["no such host"] * 3
    assert len(records.live) == 0


async def test_a_fault_is_logged_although_nobody_listens(
    web: Server, records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*arguments: object, **more: object) -> None:
        raise RuntimeError("no such host")

    record = job_record()
    web.gateway.show(record)
    web.gateway.watch = broken  # type: ignore[method-assign]
    await records.find_live(CALLER, record.job_id)
    await settle()
    assert f"job {record.job_id}: the watch broke off" in caplog.text
    assert "no such host" in caplog.text
    assert len(records.live) == 0


async def test_what_is_found_elsewhere_while_the_host_is_asked(web: Server, records: Records) -> None:
    record = job_record()
    web.gateway.show(record)
    found = await records.find(CALLER, record.job_id)
    with records.live.listening(CALLER, found, Demand.PAGES) as job:
        await settle()
        await web.save(replace(record, revision=6))
        job.offer(Found(newer := replace(record, revision=6), encode(newer)))
        web.gateway.show(record, ahead=(2,))
        await settle()
        assert job.view.record.revision == 6, "the host's answer to the older question changes nothing"
        web.gateway.show(replace(newer, revision=7))
        await web.clock.advance(1)
        assert job.view.record.revision == 7


@pytest.mark.parametrize("deleted", [True, False])
async def test_nothing_older_is_told_than_what_this_ingress_has_shown(
    web: Server, records: Records, deleted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch's answer may still be on its way when an order, or a page, has asked the host itself."""
    record = job_record()
    web.gateway.show(record)
    await records.find_live(CALLER, record.job_id)
    await settle()
    monkeypatch.setattr(web.gateway, "_wake", lambda: None)
    if deleted:
        web.gateway.show(replace(record, status=JobStatus.DELETING, revision=9))
        for find in (records.find, records.find_live):
            with pytest.raises(JobNotFound):
                await find(CALLER, record.job_id)
    else:
        web.gateway.show(ended(record))
        assert (await records.find(CALLER, record.job_id)).record.terminal
        assert (await records.find_live(CALLER, record.job_id)).record.terminal
