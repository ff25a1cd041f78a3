"""The two front doors side by side, HAProxy and Serve's own proxy, before the same Ingress: what settles which is used.

A cluster can have but one of them, so clusters follow one another, each door in every round; the medians are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import httpx

from benchmarks.chaos import PROCESSES, kill_one
from benchmarks.control_plane import document, memory
from benchmarks.http_load import load
from benchmarks.listeners import Listeners
from benchmarks.percentile import percentile
from benchmarks.running_cluster import RunningCluster, ended, running_cluster, submit
from benchmarks.table import print_table, told

DOORS = {"haproxy": "HAProxy", "serve": "Serve's own proxy"}
ROUNDS = 2
ASKED_S = 8
UPLOAD_MB, UPLOADS = 50, 4
LISTENERS = 200
PAGES, PAGE_MS = 40, 500
LIVE_PAGES = 100
HEARD_WITHIN_S = 90.0
KILLS, BETWEEN_KILLS_S = 3, 4.0


@dataclass(frozen=True, slots=True)
class Seen:
    """Through one door, in one cluster. memory_mb: of all its processes, idle (PSS)."""

    requests_a_second: float
    p99_ms: float
    upload_mb_a_second: float
    heard_p99_ms: float
    killed_felt_s: float
    failed: int
    memory_mb: float


def seen(door: str) -> Seen:
    with (
        running_cluster(
            proxy=door, engines="null", null_render="true", null_delay_ms=str(PAGE_MS), batch_size="1"
        ) as one,
        one.client() as client,
    ):
        ended(client, submit(client, *document(1, real=False)))
        memory_mb = sum(proportional for _, proportional in memory(one).values())
        live = submit(client, *document(LIVE_PAGES, real=False))
        asked = load(f"{one.url}/api/jobs/{live}/status", seconds=ASKED_S)
        client.post(f"/api/jobs/{live}/cancel")
        uploaded = _upload_rate(client)
        lateness = asyncio.run(_lateness_ms(one.url, submit(client, *document(PAGES, real=False))))
        felt, failed = _felt(one)
    return Seen(asked.requests_a_second, asked.p99_ms, uploaded, percentile(lateness, 0.99), felt, failed, memory_mb)


def _upload_rate(client: httpx.Client) -> float:
    """MB/s, one upload after the other, each stored durably."""
    body = document(1, real=False)[1] + bytes(UPLOAD_MB << 20)
    start = time.monotonic()
    for number in range(UPLOADS):
        submit(client, f"large-{number}.pdf", body)
    return UPLOADS * len(body) / 1e6 / (time.monotonic() - start)


async def _lateness_ms(url: str, job: str) -> list[float]:
    """From the first listener of a page to each other. RuntimeError: one was refused, or did not hear the end."""
    audience = Listeners(url, job, LISTENERS)
    await audience.open()
    heard = await audience.hear(HEARD_WITHIN_S)
    await audience.leave()
    if heard.refused or heard.finished < LISTENERS:
        raise RuntimeError(f"{len(heard.refused)} listeners were refused, {heard.finished} heard the end")
    return heard.lateness_ms(LISTENERS)


def _felt(cluster: RunningCluster) -> tuple[float, int]:
    """Seconds that the slowest GET took by one client that asks all the time while Ingress replicas are killed, and how
    many failed."""
    over = threading.Event()
    took: list[float] = []
    failed = 0

    def ask() -> None:
        nonlocal failed
        with cluster.client() as client:
            while not over.is_set():
                begun = time.monotonic()
                try:
                    failed += client.get("/api/jobs", params={"limit": "1"}).status_code != 200
                except httpx.TransportError:
                    failed += 1
                took.append(time.monotonic() - begun)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(KILLS):
            time.sleep(BETWEEN_KILLS_S)
            kill_one(cluster, PROCESSES["Ingress"])
        time.sleep(BETWEEN_KILLS_S)
    finally:
        over.set()
        asking.join()
    return max(took), failed


def table(rounds: Mapping[str, Sequence[Seen]]) -> list[list[str]]:
    def row(what: str, unit: str, digits: int, values: dict[str, list[float]]) -> list[str]:
        return [what, *(f"{median(values[door]):.{digits}f}" for door in DOORS), unit]

    def of(name: str) -> dict[str, list[float]]:
        return {door: [float(getattr(one, name)) for one in rounds[door]] for door in DOORS}

    return [
        row("status of a live job, 32 connections", "requests/s", 0, of("requests_a_second")),
        row("the same, p99", "ms", 0, of("p99_ms")),
        row(f"uploads of {UPLOAD_MB} MB, one after the other", "MB/s", 0, of("upload_mb_a_second")),
        row(f"a page reaches {LISTENERS} listeners after the first, p99", "ms", 0, of("heard_p99_ms")),
        row(f"the slowest GET while {KILLS} Ingress replicas are killed", "s", 1, of("killed_felt_s")),
        row("GETs that failed meanwhile", "", 0, of("failed")),
        row("memory of all processes, idle (PSS)", "MB", 0, of("memory_mb")),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"clusters with each door (default {ROUNDS})")
    count = parser.parse_args().rounds
    rounds: dict[str, list[Seen]] = {door: [] for door in DOORS}
    for _ in range(count):
        for door in DOORS:
            rounds[door].append(seen(door))
            told([door, str(rounds[door][-1])])
    print_table(f"The front doors, medians of {count} clusters each", ["what", *DOORS.values(), "unit"], table(rounds))


if __name__ == "__main__":
    main()
