"""Errors as responses."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from cluster import errors
from serve_app.problems import Problems, http_problem
from serve_app.request_ids import RequestIds
from tests.serve_app.builders import Server

SECRET = "/secret/path"


def _client(error: Exception, *, after_start: bool = False) -> httpx.AsyncClient:
    async def body() -> AsyncIterator[bytes]:
        yield b"begun"
        raise error

    async def endpoint(request: Request) -> Response:
        if after_start:
            return StreamingResponse(body())
        raise error

    app = Starlette(
        routes=[Route("/", endpoint)],
        middleware=[Middleware(RequestIds), Middleware(Problems)],
        exception_handlers={HTTPException: http_problem},
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [
        (errors.FileTooLarge("Too large: 100 MB."), 413, "file_too_large", None),
        (errors.Unauthorized(), 401, "unauthorized", None),
        (errors.Overloaded(), 503, "overloaded", "5"),
        (errors.Overloaded(retry_after_s=9), 503, "overloaded", "9"),
        (errors.RateLimited(retry_after_s=3), 429, "rate_limited", "3"),
        (errors.StorageUnavailable(), 503, "storage_unavailable", "5"),
        (errors.BlobUnavailable(SECRET), 503, "storage_unavailable", "5"),
        (errors.BlobStoreFull(SECRET), 503, "storage_unavailable", "5"),
        (errors.BlobThrottled(SECRET), 503, "storage_unavailable", "5"),
        (errors.BlobForbidden(SECRET), 503, "storage_unavailable", "5"),
        (errors.BlobCorrupt(SECRET), 500, "internal_error", None),
        (errors.BlobNotFound(SECRET), 500, "internal_error", None),
        (errors.RecordTooNew(), 503, "record_too_new", None),
        (errors.RecordDamaged(), 500, "record_damaged", None),
        (ValueError(SECRET), 500, "internal_error", None),
        (HTTPException(400, SECRET), 400, "body_malformed", None),
    ],
)
async def test_errors_have_status_code_and_detail(
    error: Exception, status: int, code: str, retry_after: str | None
) -> None:
    async with _client(error) as client:
        answer = await client.get("/")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers.get("retry-after") == retry_after
    problem = answer.json()
    assert (problem["type"], problem["status"], problem["code"]) == ("about:blank", status, code)
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert SECRET not in answer.text


async def test_an_error_in_the_middle_of_a_body_cuts_it() -> None:
    async with _client(ValueError("broken"), after_start=True) as client:
        with pytest.raises(ValueError, match="broken"):
            await client.get("/")


async def test_every_response_has_a_request_id(web: Server) -> None:
    seen = set()
    for path in ("/healthz", "/nothing", "/api/jobs/x/status"):
        answer = await web.client.get(path)
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers
        seen.add(answer.headers["x-request-id"])
    assert len(seen) == 3


async def test_a_clients_own_request_id_is_kept_where_it_is_harmless(web: Server) -> None:
    kept = await web.client.get("/healthz", headers={"X-Request-Id": "trace-1.2:3"})
    assert kept.headers["x-request-id"] == "trace-1.2:3"
    for bad in ("a b", "x" * 101, "<script>"):
        assert (await web.client.get("/healthz", headers={"X-Request-Id": bad})).headers["x-request-id"] != bad
