"""The life of a host's process, without Ray."""

from __future__ import annotations

import asyncio
import os

import pytest

from serve_app.ray_hosts import FAILED, end_where_failed


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    return codes


async def started(error: Exception | None = None) -> None:
    if error is not None:
        raise error


async def test_a_host_that_can_not_start_ends_its_process(exits: list[int], caplog: pytest.LogCaptureFixture) -> None:
    task = asyncio.create_task(started(ValueError("no such slot")))
    await asyncio.wait([task])
    end_where_failed(task)
    assert exits == [FAILED]
    assert "no such slot" in caplog.text


async def test_one_that_has_started_or_is_ended_lives_on(exits: list[int]) -> None:
    done, ended = asyncio.create_task(started()), asyncio.create_task(asyncio.sleep(60))
    ended.cancel()
    await asyncio.wait([done, ended])
    end_where_failed(done)
    end_where_failed(ended)
    assert exits == []
