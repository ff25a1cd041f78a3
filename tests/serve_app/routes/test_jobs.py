"""Status: versions, waiting, and what is not there."""

from __future__ import annotations

import asyncio

import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.ids import new_job_id
from cluster.record import encode
from serve_app.identity import ANONYMOUS
from tests.serve_app.builders import Server, ended, job_record

SOME_JOB = "01a21862-ab9e-737c-bbb9-c87291d352ec"


async def test_status_is_the_stored_record_with_its_etag(web: Server) -> None:
    record = job_record()
    await web.save(record)
    answer = await web.client.get(f"/api/jobs/{record.job_id}/status")
    assert answer.status_code == 200
    assert answer.content == encode(record)
    assert answer.headers["etag"] == '"1-4"'
    assert answer.headers["content-type"] == "application/json"
    assert (await web.client.get(f"/api/jobs/{record.job_id}")).content == answer.content
    head = await web.client.head(f"/api/jobs/{record.job_id}/status")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == answer.headers["content-length"]


@pytest.mark.parametrize("known", ['"1-4"', 'W/"1-4"', '"x", "1-4"', "*"])
async def test_a_known_version_is_not_sent_again(web: Server, known: str) -> None:
    record = job_record()
    web.gateway.show(record)
    answer = await web.client.get(f"/api/jobs/{record.job_id}/status", headers={"If-None-Match": known})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1-4"')


async def test_another_version_is_sent_at_once(web: Server) -> None:
    record = job_record()
    web.gateway.show(record)
    url = f"/api/jobs/{record.job_id}/status?wait=60"
    assert (await web.client.get(url, headers={"If-None-Match": '"1-3"'})).status_code == 200
    assert (await web.client.get(url)).status_code == 200
    assert not web.gateway.watched


async def test_waiting_for_a_change(web: Server) -> None:
    record = job_record()
    web.gateway.show(record)
    url = f"/api/jobs/{record.job_id}/status?wait=20"
    task = asyncio.create_task(web.client.get(url, headers={"If-None-Match": '"1-4"'}))
    await asyncio.sleep(0.02)
    assert web.gateway.watched == [(record.job_id, '"1-4"', 5)], "one watch for all"
    web.gateway.show(ended(record))
    answer = await asyncio.wait_for(task, 2)
    assert (answer.status_code, answer.json()["status"], answer.headers["etag"]) == (200, "completed", '"1-5"')


async def test_waiting_in_vain_is_not_modified(web: Server) -> None:
    record = job_record()
    web.gateway.show(record)
    url = f"/api/jobs/{record.job_id}/status?wait=20"
    task = asyncio.create_task(web.client.get(url, headers={"If-None-Match": '"1-4"'}))
    await asyncio.sleep(0.01)
    await web.clock.advance(19)
    assert not task.done()
    await web.clock.advance(2)
    assert (await asyncio.wait_for(task, 2)).status_code == 304


@pytest.mark.parametrize("wait", ["61", "-1", "60.5", "x", "", "1e1", "nan"])
async def test_a_wait_out_of_bounds(web: Server, wait: str) -> None:
    record = job_record()
    web.gateway.show(record)
    answer = await web.client.get(f"/api/jobs/{record.job_id}/status?wait={wait}")
    assert (answer.status_code, answer.json()["code"]) == (400, "option_invalid")
    assert "60" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["status", "result", "pages/1", "pages/1/text", "pages/1/image", ""])
@pytest.mark.parametrize("job_id", [SOME_JOB, "nonsense", "%2e%2e", "x" * 300])
async def test_no_such_job(web: Server, path: str, job_id: str) -> None:
    answer = await web.client.get(f"/api/jobs/{job_id}/{path}".rstrip("/"))
    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")


async def test_unreadable_records_are_said_to_be_so(web: Server) -> None:
    job_id = new_job_id()
    name = layout.record(layout.job_prefix(ANONYMOUS, job_id))
    for data, expected in ((b'{"schema_version": 99}', (503, "record_too_new")), (b"{", (500, "record_damaged"))):
        await web.store.put(name, data)
        answer = await web.client.get(f"/api/jobs/{job_id}/status")
        assert (answer.status_code, answer.json()["code"]) == expected


async def test_a_store_that_is_away(web: Server) -> None:
    web.store.fail("read", "*", FaultKind.UNAVAILABLE)
    answer = await web.client.get(f"/api/jobs/{new_job_id()}/status")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert "retry-after" in answer.headers
    assert "users/" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/api/jobs", "GET, HEAD, POST"),
        ("POST", f"/api/jobs/{SOME_JOB}", "DELETE, GET, HEAD"),
        ("DELETE", f"/api/jobs/{SOME_JOB}/retry", "POST"),
        ("GET", f"/api/jobs/{SOME_JOB}/cancel", "POST"),
        ("POST", "/healthz", "GET, HEAD"),
    ],
)
async def test_other_methods_are_told_which_are_allowed(web: Server, method: str, path: str, allow: str) -> None:
    answer = await web.client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize("path", ["/nothing", "/api", "/api/jobs/", "/api/nothing", "/healthz/"])
async def test_no_such_address_and_no_redirect(web: Server, path: str) -> None:
    answer = await web.client.post(path, content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
