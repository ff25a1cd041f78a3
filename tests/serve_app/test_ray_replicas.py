"""What a replica that takes a dead one's place has to import first, and how it answers several items at once."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cluster.errors import BlobUnavailable, GnosisError
from serve_app.ray_replicas import cores_of, each_answered

CHECKOUT = Path(__file__).resolve().parents[2]
NEEDLESS = ("serve_app.app", "serve_app.ray_gateway", "actors.job.job_host", "httpx._main", "google.cloud.storage")
"""The HTTP side, the hosts, and libraries that only some of them use: half a second in all."""

CODE = f"""
import ray.serve, sys
before = set(sys.modules)
import serve_app.ray_replicas
print(*(set({NEEDLESS!r}) & (set(sys.modules) - before)))
"""


def test_a_pool_s_replica_imports_nothing_of_the_http_side() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], cwd=CHECKOUT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_a_replica_takes_the_cores_that_it_was_given_else_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(64)))
    assert (cores_of(None, 4), cores_of(None, 100)) == (16, 1)
    assert (cores_of(4, 100), cores_of(2.5, 1), cores_of(0.5, 1)) == (4, 2, 1)


async def test_each_item_gets_an_answer_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    async def work(item: str) -> str:
        await asyncio.sleep(0)
        match item:
            case "known":
                raise BlobUnavailable("away")
            case "unknown":
                raise ValueError("/opt/weights is empty")
        return item.upper()

    first, known, unknown, last = await each_answered(work, ["a", "known", "unknown", "b"])
    assert (first, last) == ("A", "B")
    assert isinstance(known, BlobUnavailable)
    assert isinstance(unknown, GnosisError)
    assert unknown.detail == "The replica failed (ValueError)."
    assert "/opt/weights" in caplog.text


async def test_who_is_cancelled_cancels_every_item() -> None:
    cancelled: list[int] = []

    async def work(item: int) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(item)
            raise

    call = asyncio.create_task(each_answered(work, [1, 2]))
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert cancelled == [1, 2]
