"""One URL asked over and over by many connections: by wrk where it is installed, else by a driver in Python."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from typing import NamedTuple

import httpx

from benchmarks.percentile import percentile

CONNECTIONS = 32
SECONDS = 10


class Load(NamedTuple):
    """Of the answers; failed: answers that were not 2xx, and connections that broke."""

    driver: str
    requests_a_second: float
    median_ms: float
    p99_ms: float
    failed: int


def load(url: str, *, connections: int = CONNECTIONS, seconds: int = SECONDS) -> Load:
    wrk = shutil.which("wrk")
    if wrk is None:
        return asyncio.run(_python(url, connections, seconds))
    command = [wrk, "-t2", f"-c{connections}", f"-d{seconds}s", "--latency", url]
    return read_wrk(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


def read_wrk(text: str) -> Load:
    """The figures in wrk's report; ValueError where it is none."""
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    latency = {share: _milliseconds(text, share) for share in ("50%", "99%")}
    if rate is None:
        raise ValueError(f"wrk told no rate: {text[-500:]}")
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    failed = int(wrong[1] if wrong else 0) + sum(int(count) for count in (broken.groups() if broken else ()))
    return Load("wrk", float(rate[1]), latency["50%"], latency["99%"], failed)


def _milliseconds(text: str, share: str) -> float:
    found = re.search(rf"^\s+{share}\s+([\d.]+)(us|ms|s|m)\s*$", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"wrk told no latency: {text[-500:]}")
    return float(found[1]) * _UNITS[found[2]]


async def _python(url: str, connections: int, seconds: int) -> Load:
    took: list[float] = []
    failed = 0
    end = time.monotonic() + seconds
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)

    async def ask(client: httpx.AsyncClient) -> None:
        nonlocal failed
        while (begun := time.monotonic()) < end:
            try:
                answer = await client.get(url)
            except httpx.TransportError:
                failed += 1
                continue
            took.append(1000 * (time.monotonic() - begun))
            failed += not answer.is_success

    async with httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as client:
        await asyncio.gather(*(ask(client) for _ in range(connections)))
    return Load("python", len(took) / seconds, percentile(took, 0.5), percentile(took, 0.99), failed)
