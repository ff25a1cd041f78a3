"""The body of a request: bounded in size and in standing still."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from cluster.errors import BodyMalformed, FileTooLarge
from serve_app.incoming_body import IncomingBody

TOO_LARGE = FileTooLarge("The limit is ten bytes.")


def _body(*pieces: bytes, ends: str = "whole", length: str | None = None, idle_s: float = 5) -> IncomingBody:
    queue: list[dict[str, Any]] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    if ends == "whole":
        queue.append({"type": "http.request", "body": b"", "more_body": False})
    if ends == "gone":
        queue.append({"type": "http.disconnect"})

    async def receive() -> dict[str, Any]:
        if not queue:
            await asyncio.Event().wait()
        return queue.pop(0)

    headers = [] if length is None else [(b"content-length", length.encode())]
    return IncomingBody(Request({"type": "http", "headers": headers}, receive), idle_s=idle_s)


async def _read(body: IncomingBody, limit: int = 10) -> list[bytes]:
    return [piece async for piece in body.pieces(limit, TOO_LARGE)]


async def test_pieces_come_as_they_are() -> None:
    assert await _read(_body(b"ab", b"", b"c", length="3")) == [b"ab", b"c"]
    assert await _read(_body()) == []
    assert await _read(_body(b"0123456789")) == [b"0123456789"]


async def test_past_the_limit() -> None:
    with pytest.raises(FileTooLarge):
        await _read(_body(b"01234567", b"890"))
    with pytest.raises(FileTooLarge):
        await _read(_body(length="11", ends="never"))


async def test_a_client_that_goes_away() -> None:
    with pytest.raises(BodyMalformed, match="went away"):
        await _read(_body(b"ab", ends="gone"))


async def test_a_client_that_stands_still() -> None:
    with pytest.raises(BodyMalformed, match="stood still"):
        await _read(_body(b"ab", ends="never", idle_s=0.01))


@pytest.mark.parametrize("length", ["-1", "x", "1" * 19, "²"])
async def test_lengths_that_are_none(length: str) -> None:
    with pytest.raises(BodyMalformed):
        _body(length=length)


async def test_a_client_that_hardly_moves() -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    body = IncomingBody(Request({"type": "http", "headers": []}, receive), idle_s=0.1)
    with pytest.raises(BodyMalformed, match="slower than 4 KB a second"):
        await asyncio.wait_for(_read(body, limit=10_000), 5)


async def test_what_we_take_for_our_own_work_is_not_held_against_the_client() -> None:
    taken = 0
    async for _ in _body(*[b"x"] * 8, idle_s=0.05).pieces(10, TOO_LARGE):
        taken += 1
        await asyncio.sleep(0.02)
    assert taken == 8
