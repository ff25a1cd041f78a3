"""Which pages may use the API from a browser."""

from __future__ import annotations

import pytest

from tests.serve_app.builders import server

PAGE = "https://app.example.org"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type, idempotency-key",
}


async def test_without_the_setting_no_page_of_another_site_may() -> None:
    web = server()
    async with web.client:
        answer = await web.client.get("/api/jobs", headers={"Origin": PAGE})
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert (await web.client.options("/api/jobs", headers={"Origin": PAGE, **PREFLIGHT})).status_code == 405


@pytest.mark.parametrize("path", ["/api/jobs", "/api/jobs/nothing/status", "/api/jobs?limit=x"])
async def test_an_allowed_page_reads_answers_and_their_headers(path: str) -> None:
    web = server(cors_origins=f"{PAGE}, http://localhost:3000")
    async with web.client:
        answer = await web.client.get(path, headers={"Origin": PAGE})
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert {"Location", "ETag", "Retry-After", "Upload-Offset", "Tus-Resumable"} <= set(
        answer.headers["access-control-expose-headers"].split(", ")
    )
    assert "access-control-allow-credentials" not in answer.headers
    assert "Origin" in answer.headers["vary"]


async def test_an_allowed_page_may_ask_first_and_needs_no_key_for_it() -> None:
    web = server(cors_origins=PAGE)
    async with web.client:
        for method in ("POST", "PATCH", "DELETE", "HEAD"):
            headers = {"Origin": PAGE, **PREFLIGHT, "Access-Control-Request-Method": method}
            answer = await web.client.options("/api/jobs", headers=headers)
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, PAGE)


@pytest.mark.parametrize(
    "asked",
    [
        {"Origin": "https://evil.example.org"},
        {"Origin": "https://app.example.org.evil.org"},
        {"Origin": PAGE, "Access-Control-Request-Method": "TRACE"},
        {"Origin": PAGE, "Access-Control-Request-Headers": "cookie"},
    ],
)
async def test_any_other_is_told_the_setting(asked: dict[str, str]) -> None:
    web = server(cors_origins=PAGE)
    async with web.client:
        answer = await web.client.options("/api/jobs", headers={**PREFLIGHT, **asked})
        assert (answer.status_code, answer.json()["code"]) == (400, "option_invalid")
        assert "GNOSIS_CORS_ORIGINS" in answer.json()["detail"]
        plain = await web.client.get("/api/jobs", headers={"Origin": "https://evil.example.org"})
        assert "access-control-allow-origin" not in plain.headers


async def test_all_pages_may_where_that_is_asked_for() -> None:
    web = server(cors_origins="*")
    async with web.client:
        answer = await web.client.get("/api/jobs", headers={"Origin": PAGE})
    assert answer.headers["access-control-allow-origin"] == "*"
