"""Server-Sent Events: what is told, in which order, after which id, and what ends a stream."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cluster.clock import settle
from cluster.ids import new_job_id
from cluster.record import JobRecord, JobStatus, PageRecord, PageStatus
from tests.serve_app.builders import Server, ended, job_marker, job_record, server
from tests.serve_app.event_listener import Listener
from tests.serve_app.stream_jobs import DONE, FAILED, finished, job, stored


async def test_a_finished_job_is_told_from_its_first_page_to_done(web: Server) -> None:
    record = await finished(web, job())
    listener = Listener(web.app, record.job_id)
    events = await listener.rest()
    assert (listener.status, listener.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert "no-cache" in listener.headers["cache-control"]
    assert [(event.name, event.id) for event in events] == [
        ("status", "1:"),
        ("page", "1:1"),
        ("page", "1:1-2"),
        ("page", "1:1-3"),
        ("done", "1:1-3"),
    ]
    assert events[0].data["status"] == "completed"
    assert "pages" not in events[0].data
    assert events[2].data == {"page": 2, "status": "completed", "text": "text 2"}
    assert events[-1].data == {"job_id": record.job_id, "status": "completed", "run": 1}
    assert not web.gateway.watched, "nothing more will come of it"


async def test_a_page_is_told_as_soon_as_its_result_is_stored(web: Server) -> None:
    record = job(1)
    await stored(web, record, 1, 2, 3)
    listener = Listener(web.app, record.job_id)
    assert [(await listener.event()).id for _ in range(2)] == ["1:", "1:1"]  # type: ignore[union-attr]
    web.gateway.show(record, ahead=(3,))
    assert (await listener.page()).id == "1:1,3", "ahead of the record"
    later = replace(job(1, 3), job_id=record.job_id, revision=5)
    web.gateway.show(later)
    status = await listener.event()
    assert status is not None
    assert (status.name, status.id, status.data["revision"]) == ("status", "1:1,3", 5)
    web.gateway.show(ended(replace(later, pages=dict.fromkeys((1, 2, 3), DONE))))
    assert [(event.name, event.id) for event in await listener.rest()] == [
        ("status", "1:1,3"),
        ("page", "1:1-3"),
        ("done", "1:1-3"),
    ]


async def test_a_job_that_no_one_has_begun_is_followed_to_its_end(web: Server) -> None:
    marker = job_marker()
    await web.mark(marker)
    listener = Listener(web.app, marker.job_id)
    first = await listener.event()
    assert first is not None
    assert (first.id, first.data["status"]) == ("1:", "queued")
    record = await finished(web, replace(job(), job_id=marker.job_id))
    web.gateway.show(record)
    await settle()
    await web.clock.advance(1)
    assert [event.name for event in await listener.rest()] == ["status", "page", "page", "page", "done"]


async def test_pages_that_were_not_read_are_told_of_too(web: Server) -> None:
    pages = {1: FAILED, 2: DONE, 3: PageRecord(PageStatus.SKIPPED)}
    record = ended(job_record(pages=pages), JobStatus.CANCELLED)
    await stored(web, record, 2)
    events = await Listener(web.app, record.job_id).rest()
    assert [event.data for event in events[1:4]] == [
        {"page": 1, "status": "failed", "text": None, "error": {"code": "engine_failed", "message": "No."}},
        {"page": 2, "status": "completed", "text": "text 2"},
        {"page": 3, "status": "skipped", "text": None, "error": None},
    ]
    assert (events[-1].name, events[-1].data["status"]) == ("done", "cancelled")


async def test_an_interrupted_stream_is_gone_on_with_at_another_ingress(web: Server) -> None:
    record = job(*range(1, 21), pages=40)
    await stored(web, record, *range(1, 41))
    first = Listener(web.app, record.job_id)
    seen = [(await first.page()).data["page"] for _ in range(7)]
    first.task.cancel()  # its Ingress is killed
    other = server(store=web.store)
    end = ended(replace(record, pages=dict.fromkeys(record.pages, DONE)))
    await other.save(end)
    events = await Listener(other.app, record.job_id, first.id).rest()
    assert seen + [event.data["page"] for event in events if event.name == "page"] == list(range(1, 41))
    assert [event.name for event in await Listener(other.app, record.job_id, events[-1].id).rest()] == [
        "status",
        "done",
    ]


async def test_what_was_told_ahead_of_the_record_is_not_told_again_after_the_host_has_died(web: Server) -> None:
    record = job(1)
    await stored(web, record, 1, 2)
    web.gateway.show(record, ahead=(2,))
    first = Listener(web.app, record.job_id)
    assert [(await first.page()).id for _ in range(2)] == ["1:1", "1:1-2"]
    await first.leave()
    web.gateway.unreachable = True
    second = Listener(web.app, record.job_id, first.id)
    assert (await second.event()) is not None
    end = await finished_after(web, replace(record, epoch=2, revision=9), 3)
    web.gateway.unreachable = False
    web.gateway.show(end)
    await web.clock.advance(2)
    assert [event.data["page"] for event in await second.rest() if event.name == "page"] == [3]


async def finished_after(web: Server, record: JobRecord, *pages: int) -> JobRecord:
    for page in pages:
        await web.save_result(record.job_id, page, f"text {page}")
    end = ended(replace(record, pages=dict.fromkeys(record.pages, DONE)))
    await web.save(end)
    return end


def retried(record: JobRecord, *done: int) -> JobRecord:
    """The job in its second run: these pages are completed in it."""
    pages = {
        n: page
        if page.status is PageStatus.COMPLETED
        else PageRecord(PageStatus.COMPLETED, run=2)
        if n in done
        else PageRecord()
        for n, page in record.pages.items()
    }
    return replace(
        record, run=2, status=JobStatus.PROCESSING, pages=pages, revision=record.revision + 3, owner="c/h/2/y"
    )


@pytest.mark.parametrize("interrupted", [True, False])
async def test_after_a_retry_what_was_not_read_before_comes_and_nothing_else(web: Server, interrupted: bool) -> None:
    record = job_record(pages={1: DONE, 2: FAILED, 3: DONE, 4: PageRecord(PageStatus.SKIPPED)})
    partial = ended(record, JobStatus.PARTIAL)
    await stored(web, partial if interrupted else record, 1, 3)
    listener = Listener(web.app, record.job_id)
    if interrupted:
        before = [event.data["page"] for event in await listener.rest() if event.name == "page"]
        again = retried(partial, 2)
        await stored(web, again, 2, 4)
        listener = Listener(web.app, record.job_id, listener.id)
    else:
        before = [(await listener.page()).data["page"] for _ in range(4)]
        again = retried(partial, 2)
        await stored(web, again, 2, 4)
    assert before == [1, 2, 3, 4]
    status = await listener.event()
    assert status is not None
    assert (status.name, status.id, status.data["run"]) == ("status", "2:1,3", 2)
    page = await listener.page()
    assert (page.id, page.data) == ("2:1-3", {"page": 2, "status": "completed", "text": "text 2"})
    web.gateway.show(ended(retried(replace(again, run=1), 2, 4)))
    assert [(event.name, event.id) for event in await listener.rest()] == [
        ("status", "2:1-3"),
        ("page", "2:1-4"),
        ("done", "2:1-4"),
    ]


async def test_a_failed_job_that_is_opened_afresh_repeats_no_completed_page(web: Server) -> None:
    record = replace(job(1, pages=2), status=JobStatus.EXTRACTING, run=2, pages={})
    await stored(web, record, 1, 2)
    listener = Listener(web.app, record.job_id, "1:1-2")
    first = await listener.event()
    assert first is not None
    assert first.id == "1:1-2", "which pages there are is not known yet"
    opened = replace(record, pages={1: DONE, 2: PageRecord(PageStatus.COMPLETED, run=2)}, revision=9)
    web.gateway.show(ended(opened))
    assert [(event.name, event.id) for event in await listener.rest()] == [
        ("status", "2:1"),
        ("page", "2:1-2"),
        ("done", "2:1-2"),
    ]


async def test_a_job_that_is_retried_while_its_pages_are_sent_goes_on_in_its_next_run(web: Server) -> None:
    record = ended(job_record(pages={1: DONE, 2: FAILED, 3: DONE}), JobStatus.PARTIAL)
    await stored(web, record, 1, 2, 3)
    listener = Listener(web.app, record.job_id)
    assert [(await listener.page()).id for _ in range(2)] == ["1:1", "1:1-2"]
    await stored(web, ended(retried(record, 2), pages={1: DONE, 2: replace(DONE, run=2), 3: DONE}))
    await web.clock.advance(2)
    events = await listener.rest()
    pages = [(event.id, event.data["status"]) for event in events if event.name == "page"]
    assert pages in ([("1:1-3", "completed"), ("2:1-3", "completed")], [("2:1-2", "completed"), ("2:1-3", "completed")])
    assert events[-1].id == "2:1-3"


@pytest.mark.parametrize("last_id", ["nonsense", "2:1", "1:1-9", "1:4", "1:2-1", "1"])
async def test_an_id_that_no_event_of_the_job_had(web: Server, last_id: str) -> None:
    record = job(1)
    await stored(web, record, 1)
    listener = Listener(web.app, record.job_id, last_id)
    problem = await listener.body()
    assert (listener.status, problem["code"]) == (400, "option_invalid")
    assert f"`Last-Event-ID` is `{last_id}`" in problem["detail"]
    assert "such as `1:1-3,7`; without it all pages are sent" in problem["detail"]


async def test_an_id_is_judged_by_the_store_where_the_host_knows_less(web: Server) -> None:
    record = job_record(pages={})
    web.gateway.show(record)
    await web.save(replace(job(1), job_id=record.job_id, revision=7))
    await web.save_result(record.job_id, 1, "text 1")
    listener = Listener(web.app, record.job_id, "1:1")
    event = await listener.event()
    assert event is not None
    assert (listener.status, event.id) == (200, "1:1")
    await listener.leave()


async def test_requests_that_get_no_stream(web: Server) -> None:
    record = await finished(web, job())
    url = f"/api/jobs/{record.job_id}/events"
    head = await web.client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
    answer = await web.client.post(url)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    answer = await web.client.get(url, headers=[("Last-Event-ID", "1:"), ("Last-Event-ID", "1:1")])
    assert (answer.status_code, answer.json()["detail"]) == (400, "`Last-Event-ID` is sent twice.")
    assert (await web.client.get(url, headers={"Last-Event-ID": ""})).status_code == 200
    for job_id in (new_job_id(), "nonsense"):
        answer = await web.client.get(f"/api/jobs/{job_id}/events")
        assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
    other = job_record(user_email="else@example.org")
    web.gateway.show(other)
    assert (await web.client.get(f"/api/jobs/{other.job_id}/events")).status_code == 404


async def test_a_comment_every_15_seconds(web: Server) -> None:
    record = job(1)
    await stored(web, record, 1)
    listener = Listener(web.app, record.job_id)
    await listener.page()
    for _ in range(3):
        waiting = asyncio.create_task(listener.piece())
        await settle(100)
        await web.clock.advance(14.5)
        assert not waiting.done()
        await web.clock.advance(0.5)
        piece = await waiting
        assert piece is not None
        assert piece.startswith(b":")
    await listener.leave()


async def test_a_page_is_told_before_the_record_names_any(web: Server) -> None:
    record = job_record(pages={})
    await stored(web, record, 1, 2)
    web.gateway.show(record, ahead=(2,))
    listener = Listener(web.app, record.job_id)
    assert (await listener.page()).id == "1:2"
    await listener.leave()
    listener = Listener(web.app, record.job_id, listener.id)
    assert (await listener.event()) is not None
    later = replace(record, pages={1: DONE, 2: DONE}, revision=7)
    web.gateway.show(ended(later))
    assert [(event.name, event.id) for event in await listener.rest()] == [
        ("status", "1:2"),
        ("page", "1:1-2"),
        ("done", "1:1-2"),
    ]
