from __future__ import annotations

import asyncio

import httpx
import pytest

from gnosis_ocr import AddressInvalid, AsyncClient, Client, Unauthorized
from gnosis_ocr.connection import connection
from tests.gnosis_ocr.canned_wire import Caller, Wire, record_answer
from tests.serve_app.canned_server import JOB_ID, QUEUED


def test_the_address_is_named_or_of_the_environment_or_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with Client() as client:
        assert client.url == "http://127.0.0.1:8000"
    monkeypatch.setenv("GNOSIS_URL", "https://ocr.example/base/")
    with Client() as client:
        assert client.url == "https://ocr.example/base"
    with Client("http://[::1]:9000") as client:
        assert client.url == "http://[::1]:9000"


@pytest.mark.parametrize(
    "url",
    ["ocr.example:8000", "ftp://ocr.example", "http://", "http://a:0", "http://a:port", "http://a/?b=c", "http://[::1"],
)
def test_what_is_no_address(url: str) -> None:
    for kind in (Client, AsyncClient):
        with pytest.raises(AddressInvalid, match="is not an address such as"):
            kind(url)


def test_the_key_goes_with_every_request(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(record_answer(QUEUED))
    caller.call(wire, "status", JOB_ID)
    monkeypatch.setenv("GNOSIS_API_KEY", " gnosis_e\n")
    caller.call(wire, "status", JOB_ID)
    with wire.client(api_key="gnosis_k") as client:
        client.status(JOB_ID)
    with wire.client(api_key="") as client:
        client.status(JOB_ID)
    sent = [request.headers.get("Authorization") for request in wire.requests]
    assert sent == [None, "Bearer gnosis_e", "Bearer gnosis_k", None]


@pytest.mark.parametrize("key", ["schlüssel", "two\nlines", "nul\0"])
def test_a_key_that_can_not_be_sent_is_told(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unauthorized, match="`api_key` is no API key"):
        Client(api_key=key)
    if "\0" not in key:
        monkeypatch.setenv("GNOSIS_API_KEY", key)
        with pytest.raises(Unauthorized, match="GNOSIS_API_KEY is no API key") as caught:
            AsyncClient()
        assert (caught.value.status, caught.value.code) == (401, "unauthorized")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_a_proxy_of_the_environment_is_never_the_way_to_this_machine(url: str) -> None:
    assert connection(url, None, 90).arguments["trust_env"] is False
    assert connection("http://ocr.example", None, 90).arguments["trust_env"] is True


def test_the_time_for_silence(caller: Caller) -> None:
    told: list[dict[str, float | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        told.append(request.extensions["timeout"])
        return record_answer(QUEUED)

    with Wire(answer).client(timeout=3.0) as client:
        client.status(JOB_ID)
    assert (told[0]["read"], told[0]["write"], told[0]["connect"]) == (3.0, 3.0, 3.0)
    caller.call(Wire(answer), "status", JOB_ID)
    assert (told[1]["read"], told[1]["connect"]) == (90.0, 5.0)


async def test_requests_that_are_held_keep_no_other_from_being_sent() -> None:
    held, all_came = 0, asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal held
        await reader.readuntil(b"\r\n\r\n")
        held += 1
        if held == 120:
            all_came.set()
        await all_came.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, backlog=200) as server:
        port = server.sockets[0].getsockname()[1]
        async with AsyncClient(f"http://127.0.0.1:{port}") as client, asyncio.timeout(60):
            assert await asyncio.gather(*(client.text("j", 1) for _ in range(120))) == ["ok"] * 120
