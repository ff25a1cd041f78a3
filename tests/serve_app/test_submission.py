"""Acceptance: what is written in which order, and what stands whatever fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.idempotency import IdempotencyEntry, decode_entry, encode_entry
from cluster.marker import Marker, Operation, decode_marker
from cluster.record import JobStatus, Tombstone
from serve_app.identity import ANONYMOUS
from tests.serve_app.builders import PDF, PNG, Server, ended, job_marker, job_record, server

HEADERS = {"Content-Type": "application/pdf"}
KEYED = {**HEADERS, "Idempotency-Key": "key-1"}
ENTRY = layout.idempotency(ANONYMOUS, "key-1")


async def _post(web: Server, content: Any = PDF, headers: dict[str, str] = HEADERS, query: str = "") -> httpx.Response:
    return await web.client.post(f"/api/jobs{query}", content=content, headers=headers)


async def _marker(web: Server, job_id: str) -> Marker:
    return decode_marker((await web.store.read(layout.marker(job_id))).data)


def _writes(web: Server) -> list[str]:
    return [done.name for done in web.store.log if done.operation in ("create", "replace", "put_stream", "put")]


async def test_index_upload_entry_marker_in_this_order(web: Server) -> None:
    answer = await _post(web, headers=KEYED)
    assert answer.status_code == 202
    job_id = answer.json()["job_id"]
    raw = layout.raw(layout.job_prefix(ANONYMOUS, job_id), "pdf")
    assert _writes(web) == [layout.index(ANONYMOUS, job_id), raw, ENTRY, layout.marker(job_id)]
    assert (await web.store.read(layout.index(ANONYMOUS, job_id))).data.decode() == ENTRY.rpartition("/")[2]


async def test_the_answer_is_the_queued_record(web: Server) -> None:
    answer = await _post(web, query="?password=secret&session_id=s-1&filename=a.pdf")
    assert answer.status_code == 202
    record = answer.json()
    assert answer.headers["location"] == f"/api/jobs/{record['job_id']}/status"
    assert answer.headers["etag"] == '"0-0"'
    assert (record["status"], record["current_step"], record["percent"]) == ("queued", "queued", 0)
    assert (record["session_id"], record["user_email"]) == ("s-1", ANONYMOUS)
    assert "secret" not in answer.text
    marker = await _marker(web, record["job_id"])
    assert (marker.password, marker.operation, marker.run) == ("secret", Operation.RUN, 1)
    assert marker.idempotency is None
    assert web.gateway.adopted == [record["job_id"]]
    status = await web.client.get(answer.headers["location"])
    assert status.json() == record


async def test_a_host_that_hangs_delays_no_answer(web: Server) -> None:
    never = asyncio.Event()
    web.gateway.on_adopt = lambda job_id: never.wait()  # type: ignore[assignment, return-value]
    answer = await asyncio.wait_for(_post(web), 2)
    assert answer.status_code == 202
    never.set()


async def test_waiting_for_the_end(web: Server) -> None:
    async def read_all(job_id: str) -> None:
        web.gateway.show(job_record(job_id))
        await asyncio.sleep(0.01)
        web.gateway.show(ended(job_record(job_id)))

    web.gateway.on_adopt = read_all
    task = asyncio.create_task(_post(web, query="?wait=30"))
    for _ in range(100):
        await asyncio.sleep(0.002)
        await web.clock.advance(0.2)
    answer = await task
    assert answer.status_code == 200
    assert answer.json()["status"] == "completed"


async def test_waiting_in_vain(web: Server) -> None:
    task = asyncio.create_task(_post(web, query="?wait=5"))
    for _ in range(40):
        await asyncio.sleep(0.001)
        await web.clock.advance(0.5)
    answer = await task
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")


async def _disconnecting(web: Server, headers: dict[str, str], *, cancel: bool) -> None:
    """Posts the first half of a document, then goes away: by message, or by Serve's cancelling the handler."""
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: list[Any] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/api/jobs",
        "raw_path": b"/api/jobs",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    messages.put_nowait({"type": "http.request", "body": PDF + b"x" * 5000, "more_body": True})

    async def send(message: Any) -> None:
        sent.append(message)

    task = asyncio.create_task(web.app(scope, messages.get, send))
    await asyncio.sleep(0.02)
    assert len(await web.names()) == 1, "the index entry stands while the upload goes on"
    if cancel:
        task.cancel()
    else:
        messages.put_nowait({"type": "http.disconnect"})
    await asyncio.wait([task], timeout=2)
    assert task.done()
    await asyncio.sleep(0.01)


@pytest.mark.parametrize("cancel", [False, True])
async def test_a_client_that_goes_away_leaves_nothing(web: Server, cancel: bool) -> None:
    await _disconnecting(web, HEADERS, cancel=cancel)
    assert await web.names() == []
    assert not web.gateway.adopted


async def test_a_client_that_goes_away_at_the_last_step_of_storing_leaves_nothing(web: Server) -> None:
    slow = web.store.fail("put_stream", "*", FaultKind.SLOW)
    task = asyncio.create_task(_post(web))
    await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.sleep(0.01)
    slow.gate.set()
    await asyncio.wait([task])
    await asyncio.sleep(0.01)
    assert [done.operation for done in web.store.log if "/raw/" in done.name] == ["put_stream", "delete"]
    assert await web.names() == []


async def test_a_client_that_goes_away_after_its_upload_still_has_its_job(web: Server) -> None:
    slow = web.store.fail("create", "active/*", FaultKind.SLOW)
    task = asyncio.create_task(_post(web))
    await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.sleep(0.01)
    slow.gate.set()
    await asyncio.sleep(0.02)
    assert len(await web.names("active/")) == 1
    assert len(web.gateway.adopted) == 1


@pytest.mark.parametrize("name", ["*by-time*", "*raw*", "active/*"])
@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.THROTTLED, FaultKind.FORBIDDEN])
async def test_a_store_that_refuses_is_storage_unavailable(web: Server, name: str, kind: FaultKind) -> None:
    web.store.fail("create", name, kind, None)
    web.store.fail("put_stream", name, kind, None)
    answer = await _post(web)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    # Only where the marker may stand after all is the upload kept.
    left = await web.names()
    assert bool(left) == (name == "active/*" and kind is FaultKind.UNAVAILABLE)


async def test_a_lost_answer_to_the_marker_is_acceptance(web: Server) -> None:
    web.store.fail("create", "active/*", FaultKind.LOST_ANSWER)
    answer = await _post(web)
    assert answer.status_code == 202
    assert web.gateway.adopted == [answer.json()["job_id"]]


@pytest.mark.parametrize("kind", [FaultKind.LOST_ANSWER, FaultKind.UNAVAILABLE, FaultKind.LATE, FaultKind.THROTTLED])
@pytest.mark.parametrize("name", ["*idempotency*", "active/*"])
async def test_one_fault_on_the_way_is_got_over(web: Server, kind: FaultKind, name: str) -> None:
    web.store.fail("create", name, kind)
    web.store.fail("replace", name, kind)
    answer = await _post(web, headers=KEYED)
    assert answer.status_code == 202
    entry = decode_entry((await web.store.read(ENTRY)).data)
    assert entry.marker.job_id == answer.json()["job_id"]
    assert (await _marker(web, answer.json()["job_id"])).idempotency == ENTRY.rpartition("/")[2]


async def test_an_entry_that_may_stand_keeps_its_upload(web: Server) -> None:
    web.store.fail("replace", "*idempotency*", FaultKind.LATE, None)
    answer = await _post(web, headers=KEYED)
    assert answer.status_code == 503
    web.store.late[0].land()
    web.store.faults.clear()
    again = await _post(web, headers=KEYED)
    assert again.status_code == 202
    raw = layout.raw(layout.job_prefix(ANONYMOUS, again.json()["job_id"]), "pdf")
    assert (await web.store.read(raw)).data == PDF
    assert len(await web.names("active/")) == 1


async def test_an_entry_that_was_refused_for_sure_keeps_nothing(web: Server) -> None:
    web.store.fail("replace", "*idempotency*", FaultKind.FORBIDDEN)
    assert (await _post(web, headers=KEYED)).status_code == 503
    assert await web.names() == []


async def test_the_same_key_and_request_is_the_same_job(web: Server) -> None:
    first = await _post(web, headers=KEYED)
    again = await _post(web, headers=KEYED)
    other_key = await _post(web, headers={**HEADERS, "Idempotency-Key": "key-2"})
    assert again.status_code == 202
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert other_key.json()["job_id"] != first.json()["job_id"]
    assert len(await web.names("active/")) == 2
    assert len(await web.names(layout.index_of_user(ANONYMOUS))) == 2
    assert len([name for name in await web.names() if "/raw/" in name]) == 2


async def test_the_same_key_long_after_answers_with_the_job_as_it_is_now(web: Server) -> None:
    job_id = (await _post(web, headers=KEYED)).json()["job_id"]
    await web.save(ended(job_record(job_id)))
    await web.store.delete(layout.marker(job_id))
    again = await _post(web, headers=KEYED)
    assert (again.status_code, again.json()["status"]) == (202, "completed")
    assert again.json()["job_id"] == job_id
    waited = await _post(web, headers=KEYED, query="?wait=10")
    assert (waited.status_code, waited.json()["job_id"]) == (200, job_id)
    assert await web.names("active/") == []


@pytest.mark.parametrize(("content", "query"), [(PNG, ""), (PDF, "?mode=ocr"), (PDF, "?pages=1")])
async def test_the_same_key_with_another_request_is_a_conflict(web: Server, content: bytes, query: str) -> None:
    await _post(web, headers=KEYED)
    before = await web.names()
    answer = await _post(web, content, KEYED, query)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")
    assert await web.names() == before


async def test_options_spelled_out_at_their_default_are_the_same_request(web: Server) -> None:
    first = await _post(web, headers=KEYED)
    again = await _post(web, headers=KEYED, query="?mode=auto&dpi=150&filename=renamed.pdf")
    assert again.json()["job_id"] == first.json()["job_id"]


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "caf\x80"])
async def test_bad_keys(web: Server, key: str) -> None:
    headers = [(b"Content-Type", b"application/pdf"), (b"Idempotency-Key", key.encode("latin-1"))]
    answer = await web.client.post("/api/jobs", content=PDF, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "option_invalid")
    assert not web.store.writes


async def test_two_at_the_same_moment_make_one_job(web: Server) -> None:
    answers = await asyncio.gather(*(_post(web, headers=KEYED) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["job_id"] for answer in answers}) == 1
    job_id = answers[0].json()["job_id"]
    assert len(await web.names("active/")) == 1
    assert await web.names(layout.index_of_user(ANONYMOUS)) == [layout.index(ANONYMOUS, job_id)]
    assert len([name for name in await web.names() if "/raw/" in name]) == 1


async def test_a_crash_between_entry_and_marker_is_healed(web: Server) -> None:
    web.store.fail("create", "active/*", FaultKind.FORBIDDEN)
    assert (await _post(web, headers=KEYED, query="?password=p")).status_code == 503
    assert await web.names("active/") == []
    lost = decode_entry((await web.store.read(ENTRY)).data).marker
    assert lost.password is None

    again = await _post(web, headers=KEYED, query="?password=p")
    assert (again.status_code, again.json()["job_id"]) == (202, lost.job_id)
    assert await _marker(web, lost.job_id) == replace(lost, password="p")
    assert web.gateway.adopted == [lost.job_id]
    assert await web.names(layout.index_of_user(ANONYMOUS)) == [layout.index(ANONYMOUS, lost.job_id)]
    raw = layout.raw(lost.prefix, "pdf")
    assert (await web.store.read(raw)).data == PDF


@pytest.mark.parametrize("deleted", ["tombstone", "deleting", "ordered"])
async def test_the_key_of_a_deleted_job_is_free_again(web: Server, deleted: str) -> None:
    old = (await _post(web, headers=KEYED)).json()["job_id"]
    if deleted == "tombstone":
        await web.store.delete(layout.marker(old))
        await web.save(Tombstone(old, 1, 9))
    elif deleted == "deleting":
        await web.save(job_record(old, status=JobStatus.DELETING))
    else:
        await web.mark((await _marker(web, old)).ordered(Operation.DELETE))
    answer = await _post(web, PNG, KEYED)
    assert answer.status_code == 202
    new = answer.json()["job_id"]
    assert new != old
    assert decode_entry((await web.store.read(ENTRY)).data).marker.job_id == new
    assert (await _post(web, PNG, KEYED)).json()["job_id"] == new


async def test_an_unreadable_entry_is_a_clear_error(web: Server) -> None:
    await web.store.put(ENTRY, b"not an entry")
    answer = await _post(web, headers=KEYED)
    assert (answer.status_code, answer.json()["code"]) == (500, "record_damaged")
    assert await web.names() == [ENTRY]


async def test_an_entry_whose_job_another_ingress_is_about_to_mark(web: Server) -> None:
    """Both create the same marker; the second creation is not a failure."""
    marker = job_marker()
    digest_of = (await _post(web, headers=KEYED)).json()["job_id"]
    digest = decode_entry((await web.store.read(ENTRY)).data).digest
    await web.store.put(ENTRY, encode_entry(IdempotencyEntry(digest, marker)))
    slow = web.store.fail("create", layout.marker(marker.job_id), FaultKind.SLOW)
    task = asyncio.create_task(_post(web, headers=KEYED))
    await asyncio.sleep(0.02)
    await web.mark(marker)
    slow.gate.set()
    assert (await task).json()["job_id"] == marker.job_id != digest_of


async def test_what_can_not_be_removed_is_left_to_retention_with_its_index_entry() -> None:
    web = server(max_direct_upload_mb=1)
    web.store.fail("delete", "*raw*", FaultKind.UNAVAILABLE, None)
    async with web.client:
        files = [("file", ("a.pdf", PDF)), ("file", ("b.pdf", PDF))]
        answer = await web.client.post("/api/jobs", files=files)
    assert answer.status_code == 400
    left = await web.names()
    assert len(left) == 2
    assert "/by-time/" in left[0]
