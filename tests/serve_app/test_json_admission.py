"""Keys and their limits, as resumable uploads and submissions in JSON feel them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cluster import layout
from cluster.clock import settle
from cluster.ids import new_job_id
from cluster.marker import decode_marker
from serve_app.limits import Limits
from tests.serve_app.builders import ANNA, BERT, PDF, Server, as_user, keyed_server
from tests.serve_app.tus import CHUNK, VERSION

MEGABYTE = 1 << 20


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Server]:
    """Anna may have one job at once, and documents of a megabyte."""
    made = keyed_server(tmp_path, anna=Limits(jobs_at_once=1, upload_mb=1), upload_budget_mb=100)
    counting = asyncio.create_task(made.usage.run())
    async with made.client:
        yield made
    counting.cancel()


async def _upload(web: Server, user: str, content: bytes = PDF) -> str:
    headers = {**CHUNK, **as_user(user), "Upload-Length": str(len(content))}
    answer = await web.client.post("/api/uploads", content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rpartition("/")[2]


async def _submit(web: Server, user: str, source: dict[str, Any], key: str | None = None) -> httpx.Response:
    headers = as_user(user) | ({} if key is None else {"Idempotency-Key": key})
    answer = await web.client.post("/api/jobs", json={"source": source}, headers=headers)
    await settle(60)
    return answer


async def test_uploads_need_a_key_but_what_the_server_can_do_is_open(web: Server) -> None:
    path = f"/api/uploads/{await _upload(web, ANNA)}"
    assert (await web.client.options(path)).status_code == 204
    for method, at in (("POST", "/api/uploads"), ("HEAD", path), ("PATCH", path), ("DELETE", path)):
        answer = await web.client.request(method, at, headers=VERSION)
        assert (answer.status_code, answer.headers["tus-resumable"]) == (401, "1.0.0")
    for override in ("PATCH", "DELETE", "HEAD"):
        answer = await web.client.post(path, headers={**VERSION, "X-HTTP-Method-Override": override})
        assert answer.status_code == 401


async def test_another_users_upload_is_not_there(web: Server) -> None:
    upload_id = await _upload(web, ANNA)
    path = f"/api/uploads/{upload_id}"
    for method in ("HEAD", "DELETE"):
        answer = await web.client.request(method, path, headers={**VERSION, **as_user(BERT)})
        assert answer.status_code == 404
    patch = {**CHUNK, **as_user(BERT), "Upload-Offset": str(len(PDF))}
    assert (await web.client.patch(path, content=b"x", headers=patch)).json()["code"] == "upload_not_found"
    assert (await _submit(web, BERT, {"upload_id": upload_id})).json()["code"] == "upload_not_found"
    assert (await _submit(web, ANNA, {"upload_id": upload_id})).status_code == 202


async def test_the_largest_upload_of_a_key(web: Server) -> None:
    for user, length, status in ((ANNA, MEGABYTE, 201), (ANNA, MEGABYTE + 1, 413), (BERT, MEGABYTE + 1, 201)):
        headers = {**VERSION, **as_user(user), "Upload-Length": str(length)}
        answer = await web.client.post("/api/uploads", headers=headers)
        assert answer.status_code == status
        if status == 413:
            assert answer.json()["detail"] == "The file is larger than 1 MB, the limit of this API key."


async def test_a_document_in_a_bucket_has_the_limit_of_its_users_key(web: Server) -> None:
    limits = {}
    for user in (ANNA, BERT):
        job_id = (await _submit(web, user, {"uri": "gs://scans/a.pdf"})).json()["job_id"]
        limits[user] = decode_marker((await web.store.read(layout.marker(job_id))).data).source_limit
    assert limits == {ANNA: MEGABYTE, BERT: None}


async def test_a_refused_job_leaves_its_upload(web: Server) -> None:
    assert (await _submit(web, ANNA, {"uri": "gs://scans/a.pdf"})).status_code == 202
    upload_id = await _upload(web, ANNA)
    for key in (None, "key-1"):
        refused = await _submit(web, ANNA, {"upload_id": upload_id}, key)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_jobs")
    asked = await web.client.head(f"/api/uploads/{upload_id}", headers={**VERSION, **as_user(ANNA)})
    assert asked.headers["upload-offset"] == str(len(PDF))


async def test_the_same_key_has_its_job_though_no_place_is_left_and_its_upload_is_gone(web: Server) -> None:
    upload_id = await _upload(web, ANNA)
    first = await _submit(web, ANNA, {"upload_id": upload_id}, "key-1")
    assert first.status_code == 202
    assert await web.names(layout.UPLOADS) == []
    again = await _submit(web, ANNA, {"upload_id": upload_id}, "key-1")
    assert (again.status_code, again.json()["job_id"]) == (202, first.json()["job_id"])
    assert web.usage.open_jobs(ANNA) == [first.json()["job_id"]]


async def test_what_comes_to_nothing_gives_its_place_back(web: Server) -> None:
    for source in ({"upload_id": new_job_id()}, {"upload_id": await _upload(web, ANNA, b"a text")}, {"uri": "x"}):
        for key in (None, "key-1"):
            assert (await _submit(web, ANNA, source, key)).status_code in (400, 404, 415)
    assert web.usage.open_jobs(ANNA) == []
    assert (await _submit(web, ANNA, {"upload_id": await _upload(web, ANNA)})).status_code == 202
