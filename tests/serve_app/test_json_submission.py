"""Submissions in JSON: their shape, finished uploads as documents, and documents that lie in buckets."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import httpx
import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.clock import settle
from cluster.idempotency import decode_entry
from cluster.ids import new_job_id
from cluster.marker import Marker, decode_marker
from cluster.record import Tombstone
from cluster.resumable_upload import LIFETIME
from serve_app.identity import ANONYMOUS
from tests.serve_app.builders import PDF, PNG, Server, ended, job_record, server
from tests.serve_app.tus import created, offset_of, patched, uploaded

URI = "gs://bucket/folder/name.pdf"
KEYED = {"Idempotency-Key": "key-1"}
ENTRY = layout.idempotency(ANONYMOUS, "key-1")


async def _post(web: Server, content: Any, headers: dict[str, str] | None = None, query: str = "") -> httpx.Response:
    return await web.client.post(f"/api/jobs{query}", json=content, headers=headers)


async def _submit(web: Server, upload_id: str, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
    return await _post(web, {"source": {"upload_id": upload_id}, "options": options}, headers)


async def _marker(web: Server, answer: httpx.Response) -> Marker:
    assert answer.status_code == 202, answer.text
    return decode_marker((await web.store.read(layout.marker(answer.json()["job_id"]))).data)


# ---------------------------------------------------------------- the shape


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "body_malformed", "no JSON"),
        (b"{", "body_malformed", "no JSON"),
        (b"\xff\xfe{}", "body_malformed", "no JSON"),
        (b"[]", "body_malformed", "no JSON object"),
        (b'"x"', "body_malformed", "no JSON object"),
        (b"{}", "file_missing", "no `source`"),
        (b'{"source": null}', "file_missing", "no `source`"),
        (b'{"source": "gs://b/n"}', "option_invalid", "`source` is no JSON object"),
        (b'{"source": {}}', "option_invalid", "neither `source.upload_id` nor `source.uri`"),
        (b'{"source": {"upload_id": "a", "uri": "gs://bucket/n"}}', "option_invalid", "both `source.upload_id` and"),
        (b'{"source": {"url": "http://x"}}', "option_invalid", "`source.url` is unknown"),
        (b'{"source": {"upload_id": 7}}', "option_invalid", "`source.upload_id` is no text"),
        (b'{"source": {"uri": ["gs://bucket/n"]}}', "option_invalid", "`source.uri` is no text"),
        (b'{"source": {"uri": "http://127.0.0.1/x"}}', "option_invalid", "allowed is gs://BUCKET/NAME"),
        (b'{"source": {"uri": "gs://bucket/n"}, "file": 1}', "option_invalid", "`file` is unknown"),
        (b'{"source": {"uri": "gs://bucket/n"}, "options": []}', "option_invalid", "`options` is no JSON object"),
        (b'{"source": {"uri": "gs://bucket/n"}, "options": {"mood": 1}}', "option_invalid", "`mood` is unknown"),
        (b'{"source": {"uri": "gs://bucket/n"}, "options": {"languages": ["de"]}}', "option_invalid", "`languages`"),
        (b'{"source": {"uri": "gs://bucket/n"}, "options": {"dpi": 1e9}}', "option_invalid", "`dpi` is neither text"),
        (b'{"source": {"uri": "gs://bucket/n"}, "options": {"dpi": true}}', "option_invalid", "`dpi` is neither text"),
        (b'{"source": {"uri": "gs://bucket/n"}, "options": {"dpi": 9}}', "option_invalid", "`dpi` is `9`"),
        (b'{"source": {"uri": "gs://bucket/n"}, "options": {"pages": "9-2"}}', "option_invalid", "9-2"),
        (b'{"source": {"uri": "gs://bucket/\\ud800"}}', "body_malformed", "no JSON"),
    ],
)
async def test_bodies_that_are_refused(web: Server, content: bytes, code: str, said: str) -> None:
    answer = await web.client.post("/api/jobs", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert said in answer.json()["detail"]
    assert await web.names() == []
    assert not web.gateway.adopted


async def test_a_body_that_is_larger_than_a_submission(web: Server) -> None:
    answer = await _post(web, {"source": {"uri": URI}, "options": {"session_id": "x" * 70_000}})
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert "64 KB" in answer.json()["detail"]


async def test_options_in_the_query_are_refused(web: Server) -> None:
    answer = await _post(web, {"source": {"uri": URI}}, query="?mode=ocr")
    assert (answer.status_code, answer.json()["code"]) == (400, "option_invalid")
    assert "`mode` stands in the query" in answer.json()["detail"]
    assert (await _post(web, {"source": {"uri": URI}}, query="?wait=0")).status_code == 202


# ---------------------------------------------------------------- finished uploads


async def test_a_finished_upload_becomes_the_document(web: Server) -> None:
    path = await created(web.client, len(PNG))
    await patched(web.client, path, 0, PNG[:50])
    await patched(web.client, path, 50, PNG[50:])
    answer = await _submit(web, path.rpartition("/")[2], dpi=200, mode="ocr", password="secret", pages=None)
    marker = await _marker(web, answer)
    assert (marker.document.file_type, marker.document.file_size) == ("png", len(PNG))
    assert (marker.document.filename, marker.password, marker.source_uri) == ("document", "secret", None)
    assert (answer.json()["options"]["dpi"], answer.json()["options"]["mode"]) == (200, "ocr")
    assert (await web.store.read(layout.raw(marker.prefix, "png"))).data == PNG
    assert web.gateway.adopted == [marker.job_id]
    await settle(100)
    assert await web.names(layout.UPLOADS) == [], "it is of no more use"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("scan.pdf", "scan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\0b.pdf", "ab.pdf"),
        ("..", "document"),
        ("x" * 4000 + ".pdf", "x" * 255),
        ("Brief an Ä\u202e.pdf", "Brief an Ä.pdf"),
    ],
)
async def test_a_file_name_is_for_display_alone(web: Server, sent: str, shown: str) -> None:
    marker = await _marker(web, await _submit(web, await uploaded(web.client, PDF, filename=sent)))
    assert marker.document.filename == shown
    assert marker.document.raw_file == "raw/document.pdf"
    assert all(sent not in name for name in await web.names())


async def test_an_unfinished_upload_says_what_is_missing(web: Server) -> None:
    path = await created(web.client, 10)
    await patched(web.client, path, 0, b"%PDF")
    answer = await _submit(web, path.rpartition("/")[2])
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_incomplete")
    assert "4 bytes of 10" in answer.json()["detail"]
    assert await offset_of(web.client, path) == 4
    assert await web.names("users/") == []


async def test_an_upload_that_is_no_document_stays_for_its_owner_to_remove(web: Server) -> None:
    upload_id = await uploaded(web.client, b"plain text")
    answer = await _submit(web, upload_id)
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unsupported")
    assert await web.names("users/") == []
    assert await offset_of(web.client, f"/api/uploads/{upload_id}") == 10


@pytest.mark.parametrize("upload_id", ["", "../x", "x" * 4000, "0197a3c0-0000-7000-8000-000000000001"])
async def test_an_upload_that_is_not_there(web: Server, upload_id: str) -> None:
    for headers in ({}, KEYED):
        answer = await _submit(web, upload_id, headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "upload_not_found")
    assert await web.names() == []


async def test_an_expired_upload(web: Server) -> None:
    upload_id = await uploaded(web.client, PDF)
    await web.clock.advance(LIFETIME.total_seconds())
    answer = await _submit(web, upload_id, KEYED)
    assert (answer.status_code, answer.json()["code"]) == (410, "upload_expired")
    assert await web.names("users/") == []


async def test_a_store_that_fails_leaves_the_upload(web: Server) -> None:
    upload_id = await uploaded(web.client, PDF)
    for operation, name in (("open_read", "*part-*"), ("put_stream", "*raw*"), ("create", "*by-time*")):
        web.store.fail(operation, name, FaultKind.UNAVAILABLE)
        assert (await _submit(web, upload_id, KEYED)).json()["code"] == "storage_unavailable"
        assert await web.names("users/") == []
    assert (await _submit(web, upload_id, KEYED)).status_code == 202


async def test_an_upload_that_goes_while_it_is_copied(web: Server) -> None:
    path = await created(web.client, len(PDF))
    await patched(web.client, path, 0, PDF[:20])
    await patched(web.client, path, 20, PDF[20:])
    slow = web.store.fail("open_read", f"*part-{20:012d}", FaultKind.SLOW)
    task = asyncio.create_task(_submit(web, path.rpartition("/")[2]))
    await settle(100)
    assert (await web.client.delete(path, headers={"Tus-Resumable": "1.0.0"})).status_code == 204
    slow.gate.set()
    answer = await task
    assert (answer.status_code, answer.json()["code"]) == (404, "upload_not_found")
    assert await web.names() == []


async def test_copies_are_counted_among_the_bytes_in_flight(web: Server) -> None:
    first, second = await uploaded(web.client, PDF), await uploaded(web.client, PDF)
    slow = web.store.fail("put_stream", "*raw*", FaultKind.SLOW)
    task = asyncio.create_task(_submit(web, first))
    await settle(100)
    answer = await _submit(web, second)
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert int(answer.headers["retry-after"]) > 0
    slow.gate.set()
    assert (await task).status_code == 202
    assert (await _submit(web, second)).status_code == 202


# ---------------------------------------------------------------- the same key again


async def test_the_same_key_again_is_the_same_job_though_the_upload_is_gone(web: Server) -> None:
    upload_id = await uploaded(web.client, PDF)
    first = await _submit(web, upload_id, KEYED, dpi=200, password="secret")
    await settle(100)
    assert await web.names(layout.UPLOADS) == []
    again = await _submit(web, upload_id, KEYED, dpi=200, password="secret")
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert decode_entry((await web.store.read(ENTRY)).data).upload_id == upload_id
    await web.save(ended(job_record(first.json()["job_id"])))
    await web.store.delete(layout.marker(first.json()["job_id"]))
    later = await _submit(web, upload_id, KEYED, dpi=200)
    assert (later.json()["job_id"], later.json()["status"]) == (first.json()["job_id"], "completed")
    assert len(await web.names(layout.index_of_user(ANONYMOUS))) == 1


async def test_the_same_key_with_other_options_is_a_conflict_though_the_upload_is_gone(web: Server) -> None:
    upload_id = await uploaded(web.client, PDF)
    await _submit(web, upload_id, KEYED)
    await settle(100)
    answer = await _submit(web, upload_id, KEYED, dpi=300)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")


async def test_a_used_upload_with_another_key_or_none_is_not_there(web: Server) -> None:
    upload_id = await uploaded(web.client, PDF)
    await _submit(web, upload_id, KEYED)
    await settle(100)
    for headers in ({}, {"Idempotency-Key": "key-2"}):
        answer = await _submit(web, upload_id, headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "upload_not_found")
    other = await _submit(web, new_job_id(), KEYED)
    assert other.json()["code"] == "upload_not_found"


async def test_the_same_document_uploaded_again_under_the_same_key_is_the_same_job(web: Server) -> None:
    first = await _submit(web, await uploaded(web.client, PDF), KEYED)
    again = await _submit(web, await uploaded(web.client, PDF), KEYED)
    direct = await web.client.post("/api/jobs", content=PDF, headers={**KEYED, "Content-Type": "application/pdf"})
    assert {answer.json()["job_id"] for answer in (first, again, direct)} == {first.json()["job_id"]}
    answer = await _submit(web, await uploaded(web.client, PNG), KEYED)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")


async def test_two_at_the_same_moment_make_one_job() -> None:
    web = server(upload_budget_mb=100)
    upload_id = await uploaded(web.client, PDF)
    answers = await asyncio.gather(*(_submit(web, upload_id, KEYED) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["job_id"] for answer in answers}) == 1
    await settle(100)
    job_id = answers[0].json()["job_id"]
    assert await web.names(layout.index_of_user(ANONYMOUS)) == [layout.index(ANONYMOUS, job_id)]
    assert len([name for name in await web.names() if "/raw/" in name]) == 1
    assert await web.names(layout.UPLOADS) == []


async def test_a_crash_between_entry_and_marker_is_healed_by_the_same_request(web: Server) -> None:
    upload_id = await uploaded(web.client, PDF)
    web.store.fail("create", "active/*", FaultKind.FORBIDDEN)
    assert (await _submit(web, upload_id, KEYED, password="p")).status_code == 503
    assert len(await web.names(layout.UPLOADS)) == 2, "it stands until its job is accepted"
    lost = decode_entry((await web.store.read(ENTRY)).data).marker
    await web.client.delete(f"/api/uploads/{upload_id}", headers={"Tus-Resumable": "1.0.0"})
    marker = await _marker(web, await _submit(web, upload_id, KEYED, password="p"))
    assert (marker.job_id, marker.password) == (lost.job_id, "p")
    assert (await web.store.read(layout.raw(marker.prefix, "pdf"))).data == PDF


async def test_the_key_of_a_deleted_job_names_nothing_any_more(web: Server) -> None:
    upload_id = await uploaded(web.client, PDF)
    job_id = (await _submit(web, upload_id, KEYED)).json()["job_id"]
    await settle(100)
    await web.store.delete(layout.marker(job_id))
    await web.save(Tombstone(job_id, 1, 9))
    answer = await _submit(web, upload_id, KEYED)
    assert (answer.status_code, answer.json()["code"]) == (404, "upload_not_found")
    new = await _submit(web, await uploaded(web.client, PDF), KEYED)
    assert new.json()["job_id"] != job_id


# ---------------------------------------------------------------- documents in buckets


async def test_a_source_is_accepted_at_once_and_not_fetched(web: Server) -> None:
    answer = await _post(web, {"source": {"uri": URI}, "options": {"pages": "1-3"}})
    marker = await _marker(web, answer)
    record = answer.json()
    assert marker.source_uri == record["source_uri"] == URI
    assert record["file_info"] == {
        "filename": "name.pdf",
        "file_type": "",
        "total_pages": 0,
        "raw_file": "",
        "file_size": 0,
    }
    assert record["options"]["pages"] == "1-3"
    assert sorted(await web.names()) == [layout.marker(marker.job_id), layout.index(ANONYMOUS, marker.job_id)]
    assert (await web.client.get(answer.headers["location"])).json() == record
    assert web.gateway.adopted == [marker.job_id]


async def test_the_same_key_and_source_is_the_same_job(web: Server) -> None:
    first = await _post(web, {"source": {"uri": URI}}, KEYED)
    again = await _post(web, {"source": {"uri": URI}, "options": {"mode": "auto"}}, KEYED)
    assert again.json() == first.json()
    assert len(await web.names(layout.index_of_user(ANONYMOUS))) == 1
    for content in ({"source": {"uri": URI + "x"}}, {"source": {"uri": URI}, "options": {"dpi": 90}}):
        answer = await _post(web, content, KEYED)
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")


async def test_a_callback_may_be_asked_for() -> None:
    web = server(webhook_secret=f"whsec_{base64.b64encode(b'x' * 32).decode()}")
    options = {"callback_url": "https://receiver.example.org/done"}
    async with web.client:
        marker = await _marker(web, await _post(web, {"source": {"uri": URI}, "options": options}))
        again = await _post(web, {"source": {"uri": URI}, "options": {"callback_url": "ftp://x"}})
    assert marker.job_options.callback_url == options["callback_url"]
    assert (again.status_code, again.json()["code"]) == (400, "option_invalid")
