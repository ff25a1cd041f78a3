"""The proxy's own errors, told in the terms of the HTTP contract."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from serve_app.problems import problem
from serve_app.proxy_problems import ProxyProblems, middlewares


def answers(response: Response, path: str = "/api/jobs/x/status") -> Starlette:
    return Starlette(routes=[Route(path, lambda request: response)], middleware=middlewares())


async def ask(app: Starlette, path: str = "/api/jobs/x/status") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://proxy") as client:
        return await client.get(path)


@pytest.mark.parametrize("status", [404, 503])
async def test_a_proxy_without_a_route_says_that_it_starts(status: int) -> None:
    answer = await ask(answers(PlainTextResponse("Path not found. Ping /-/routes.", status)))
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert "Ping" not in answer.text


async def test_a_lost_replica_is_a_problem_too() -> None:
    answer = await ask(answers(PlainTextResponse("Internal Server Error", 500)))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")


async def test_our_own_answers_pass_as_they_are() -> None:
    gone = await ask(answers(problem(404, "job_not_found", "There is no such job.", "id-1")))
    assert (gone.status_code, gone.json()["code"], gone.json()["request_id"]) == (404, "job_not_found", "id-1")
    good = await ask(answers(PlainTextResponse("page text", 200)))
    assert (good.status_code, good.text) == (200, "page text")


async def test_serves_own_addresses_are_left_alone() -> None:
    answer = await ask(answers(PlainTextResponse("not healthy", 503), "/-/healthz"), "/-/healthz")
    assert (answer.status_code, answer.text) == (503, "not healthy")


def test_serve_finds_it_by_its_import_path() -> None:
    from ray._common.utils import import_attr

    from cluster.ray_cluster import ENVIRONMENT

    made = import_attr(ENVIRONMENT["RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH"])()
    assert [middleware.cls for middleware in made] == [ProxyProblems]
