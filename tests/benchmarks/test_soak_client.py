"""Which answers surprise the client of a mixed load."""

from __future__ import annotations

import httpx
import pytest

from benchmarks.soak_client import SoakClient, Surprise, Tally


def client_of(*answers: httpx.Response) -> tuple[SoakClient, Tally]:
    """Answered in turn."""
    left, tally = list(answers), Tally()
    client = SoakClient("http://soak", tally)
    client._http = httpx.AsyncClient(
        base_url="http://soak", transport=httpx.MockTransport(lambda request: left.pop(0)), trust_env=False
    )
    return client, tally


async def test_answers_are_counted_by_what_they_were_for() -> None:
    client, tally = client_of(httpx.Response(202), httpx.Response(404))
    await client.ask("submit", "POST", "/api/jobs", 202)
    with pytest.raises(Surprise, match="status: 404"):
        await client.ask("status", "GET", "/api/jobs/x/status", 200)
    assert tally.answers == {("submit", "202"): 1, ("status", "404"): 1}


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_server_error_is_never_right(status: int) -> None:
    client, _ = client_of(httpx.Response(status, json={"code": "storage_unavailable"}, headers={"Retry-After": "0"}))
    with pytest.raises(Surprise, match=str(status)):
        await client.ask("list", "GET", "/api/jobs", 200, status)


async def test_who_is_told_to_come_again_does_and_it_is_counted() -> None:
    busy = httpx.Response(503, json={"code": "overloaded"}, headers={"Retry-After": "0"})
    client, tally = client_of(busy, httpx.Response(202))
    assert (await client.ask("submit", "POST", "/api/jobs", 202)).status_code == 202
    assert tally.answers["submit", "503"] == 1


async def test_a_job_that_does_not_end_is_a_surprise() -> None:
    client, _ = client_of()
    with pytest.raises(Surprise, match="did not end"):
        await client.ended("j", within_s=0)


async def test_events_and_comments() -> None:
    body = b'event: status\nid: 1:\ndata: {}\n\n: still here\n\nevent: page\nid: 1:1\ndata: {"page":1}\n\n'
    client, tally = client_of(httpx.Response(200, content=body), httpx.Response(404, content=b"gone"))
    async with client.events("j") as events:
        heard = [event async for event in events]
    assert heard == [("status", "1:", "{}"), ("page", "1:1", '{"page":1}')]
    with pytest.raises(Surprise, match="404"):
        async with client.events("j"):
            pass
    assert tally.answers == {("events", "200"): 1, ("events", "404"): 1}
