"""What every request passes first: room, a known caller, not too often."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from cluster.clock import settle
from serve_app.limits import Limits
from tests.serve_app.builders import ANNA, BERT, PDF, Server, as_user, job_record, keyed_server, server

JOB = "01a21862-ab9e-737c-bbb9-c87291d352ec"
HEADERS = {"Content-Type": "application/pdf"}


async def _get(web: Server, path: str = "/api/jobs", user: str = ANNA) -> httpx.Response:
    return await web.client.get(path, headers=as_user(user))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/api/jobs"), ("POST", "/api/jobs"), ("GET", f"/api/jobs/{JOB}/status"), ("GET", "/api/nothing")),
        *(("DELETE", f"/api/jobs/{JOB}"), ("PUT", "/api/jobs"), ("GET", "/api"), ("PATCH", "/api/uploads/x")),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}])
async def test_without_a_known_key_everything_of_the_api_is_shut(
    tmp_path: Path, method: str, path: str, headers: dict[str, str]
) -> None:
    web = keyed_server(tmp_path)
    async with web.client:
        answer = await web.client.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert answer.json()["detail"] == "A valid API key is needed: `Authorization: Bearer <key>`."
        assert answer.headers["www-authenticate"] == "Bearer"
        assert await web.names() == []


async def test_health_needs_no_key_and_waits_for_no_room(tmp_path: Path) -> None:
    web = keyed_server(tmp_path, max_open_requests=1)
    web.gateway.show(job_record(JOB, user_email=ANNA))
    async with web.client:
        held = asyncio.create_task(
            web.client.get(f"/api/jobs/{JOB}/status?wait=30", headers={**as_user(ANNA), "If-None-Match": '"1-4"'})
        )
        await settle(100)
        for path in ("/healthz", "/readyz"):
            assert (await web.client.get(path)).status_code == 200
        held.cancel()


async def test_what_the_server_can_do_is_asked_without_a_key(tmp_path: Path) -> None:
    web = keyed_server(tmp_path)
    async with web.client:
        answer = await web.client.options("/api/jobs", headers={"X-HTTP-Method-Override": "GET"})
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


async def test_open_mode_knows_everybody(tmp_path: Path) -> None:
    web = server()
    async with web.client:
        assert (await web.client.get("/api/jobs", headers={"Authorization": "Bearer what"})).status_code == 200


async def test_past_so_many_open_requests_further_ones_are_told_to_wait(tmp_path: Path) -> None:
    web = server(max_open_requests=2)
    record = job_record(JOB)
    web.gateway.show(record)
    async with web.client:
        url, known = f"/api/jobs/{JOB}/status?wait=30", {"If-None-Match": record.etag}
        held = [asyncio.create_task(web.client.get(url, headers=known)) for _ in range(2)]
        await settle(100)
        refused = await web.client.get("/api/jobs")
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        assert refused.json()["detail"] == "Too many requests are open; try again."
        assert refused.headers["retry-after"] == "2"
        held[0].cancel()
        await settle(100)
        assert (await web.client.get("/api/jobs")).status_code == 200
        await web.clock.advance(31)
        assert (await held[1]).status_code == 304


async def test_who_comes_too_often_waits_and_nobody_else(tmp_path: Path) -> None:
    web = keyed_server(tmp_path, anna=Limits(requests_a_second=2))
    async with web.client:
        assert [(await _get(web)).status_code for _ in range(3)] == [200, 200, 429]
        refused = await web.client.post("/api/jobs", content=PDF, headers={**HEADERS, **as_user(ANNA)})
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert refused.json()["detail"] == "This API key may make 2 requests a second; wait a moment."
        assert refused.headers["retry-after"] == "1"
        assert (await _get(web, user=BERT)).status_code == 200
        assert await web.names() == []
        await web.clock.advance(1)
        assert (await _get(web)).status_code == 200


async def test_headers_and_queries_have_a_limit(tmp_path: Path) -> None:
    web = server()
    async with web.client:
        for answer in (
            await web.client.get("/api/jobs", headers={"X-Long": "x" * 33_000}),
            await web.client.get(f"/api/jobs?session_id={'x' * 33_000}"),
            await web.client.get("/api/jobs", headers=[(f"X-{n:020}", "x") for n in range(1500)]),
        ):
            assert (answer.status_code, answer.json()["code"]) == (400, "body_malformed")
            assert answer.json()["detail"] == "The request's headers and query are larger than 32 KB together."
        assert (await web.client.get("/api/jobs", headers={"X-Long": "x" * 20_000})).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(
            ("GET", ""),
            ("GET", "/status"),
            ("GET", "/status?wait=1"),
            ("GET", "/result"),
            ("GET", "/result?format=txt"),
        ),
        *(("GET", "/pages/1"), ("GET", "/pages/1/text"), ("GET", "/pages/1/image"), ("GET", "/events")),
        *(("POST", "/cancel"), ("POST", "/retry"), ("DELETE", "")),
    ],
)
async def test_another_users_job_is_not_there(tmp_path: Path, method: str, path: str) -> None:
    web = keyed_server(tmp_path)
    async with web.client:
        answer = await web.client.post("/api/jobs", content=PDF, headers={**HEADERS, **as_user(ANNA)})
        job_id = answer.json()["job_id"]
        before = await web.names()
        url = f"/api/jobs/{job_id}{path}"
        for _ in range(2):  # as its marker shows it, then as its host does
            refused = await web.client.request(method, url, headers=as_user(BERT))
            assert (refused.status_code, refused.json()["code"]) in ((404, "job_not_found"), (404, "not_found"))
            absent = await web.client.request(method, url.replace(job_id, JOB), headers=as_user(BERT))
            assert {**absent.json(), "request_id": ""} == {**refused.json(), "request_id": ""}
            assert await web.names() == before
            web.gateway.show(job_record(job_id, user_email=ANNA))
        assert (await _get(web, user=BERT)).json()["jobs"] == []
        assert [job["job_id"] for job in (await _get(web)).json()["jobs"]] == [job_id]


async def test_an_idempotency_key_is_each_users_own(tmp_path: Path) -> None:
    web = keyed_server(tmp_path)
    async with web.client:
        answers = [
            await web.client.post(
                "/api/jobs", content=PDF, headers={**HEADERS, **as_user(user), "Idempotency-Key": "one"}
            )
            for user in (ANNA, BERT, ANNA)
        ]
    ids = [answer.json()["job_id"] for answer in answers]
    assert ids[0] == ids[2] != ids[1]
    assert [answer.json()["user_email"] for answer in answers] == [ANNA, BERT, ANNA]
