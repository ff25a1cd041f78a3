"""The bound on accepted jobs that have not ended."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cluster.clock import settle
from tests.serve_app.builders import PDF, Server, server

HEADERS = {"Content-Type": "application/pdf"}


@pytest.fixture
async def web() -> AsyncIterator[Server]:
    made = server(max_unfinished_jobs=10)
    async with made.client:
        yield made


async def _statuses(web: Server, times: int = 1) -> list[int]:
    answers = []
    for _ in range(times):
        answers.append((await web.client.post("/api/jobs", content=PDF, headers=HEADERS)).status_code)
        await settle()
    return answers


async def test_past_the_bound_jobs_are_refused_until_some_have_ended(web: Server) -> None:
    web.gateway.backlog = 10
    assert await _statuses(web) == [202], "what the hosts have is not known yet, and nobody waits for it"
    before = await web.names()
    refused = await web.client.post("/api/jobs", content=PDF, headers=HEADERS)
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert refused.json()["detail"].startswith("10 accepted jobs wait for their end, as many as this server takes")
    assert refused.headers["retry-after"] == "30"
    assert await web.names() == before
    web.gateway.backlog = 8
    await web.clock.advance(1)
    assert await _statuses(web, 4) == [503, 202, 202, 503], "the first one has the hosts asked anew"


async def test_what_is_accepted_between_two_answers_counts(web: Server) -> None:
    assert await _statuses(web, 12) == [202] * 10 + [503] * 2
    await web.clock.advance(1)
    web.gateway.backlog = 3
    await _statuses(web)
    assert await _statuses(web, 8) == [202] * 7 + [503]


async def test_other_requests_go_on(web: Server) -> None:
    web.gateway.backlog = 10
    await _statuses(web, 2)
    assert (await web.client.get("/api/jobs")).status_code == 200


async def test_hosts_that_do_not_answer_refuse_nothing(web: Server) -> None:
    web.gateway.backlog = 10
    assert await _statuses(web, 2) == [202, 503]
    web.gateway.unreachable = True
    await web.clock.advance(1)
    await _statuses(web)
    assert await _statuses(web, 3) == [202] * 3
