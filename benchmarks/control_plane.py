"""What the cluster itself costs: the null engine, so that everything but reading is measured.

Three clusters, one after the other: without a renderer (coordination alone), with real rendering of small pages, and
one whose engine is slow, to see what a job costs while it lives. Beside them stands how fast the folder syncs files,
which bounds everything that is stored durably.
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import httpx
import psutil
from PIL import Image

from benchmarks.running_cluster import TERMINAL, RunningCluster, ended, read_to_the_end, running_cluster, submit
from benchmarks.table import print_table

LONG_JOB_PAGES = 500
SHORT_JOBS = 200
CLIENTS = 16
FSYNC_S = 2.0
FSYNC_BYTES = 3000
FIRST_LIVE_JOBS = 100
SLOW_MS = 60_000
"""What a batch of the slow engine takes, so that the short jobs live at the same moment."""

PARTS = {
    "JobHost": "RayJobHost",
    "OCRActor": "OCRActor",
    "Renderer": "Renderer",
    "Ingress": "Ingress",
    "HAProxy": "bin/haproxy",
    "HAProxyManager": "HAProxyManager",
    "proxy": "ProxyActor",
    "controller": "ServeController",
    "raylet": "raylet/raylet",
    "gcs": "gcs_server",
}
"""Parts and what their processes' command lines contain."""

REST = "everything else"


def fsync_rate(folder: Path) -> float:
    """Files a second: created, written, synced, renamed, their folder synced, one after the other."""
    descriptor = os.open(folder, os.O_RDONLY)
    count, start = 0, time.monotonic()
    try:
        while time.monotonic() - start < FSYNC_S:
            temporary = folder / "probe.tmp"
            with temporary.open("wb") as file:
                file.write(b"x" * FSYNC_BYTES)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(folder / f"probe-{count}")
            os.fsync(descriptor)
            count += 1
        return count / (time.monotonic() - start)
    finally:
        os.close(descriptor)


def document(pages: int, real: bool) -> tuple[str, bytes]:
    """Name and content: a TIFF of small pages, or for the null renderer a note of how many pages there are."""
    if not real:
        return "book.pdf", f"%PDF-1.7 pages {pages}".encode()
    first, *others = [Image.new("L", (200, 260), 255 - number % 100) for number in range(pages)]
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=others)
    return "book.tiff", file.getvalue()


# ---------------------------------------------------------------- processes


def parts(cluster: RunningCluster, more: Mapping[str, str] = MappingProxyType({})) -> dict[int, str]:
    """Process ids and the part each belongs to; a child that is no part of its own belongs to its parent's.

    more: parts beside PARTS.
    """
    named: dict[int, str] = {}
    processes = cluster.processes()
    for process in processes:  # parents come before their children
        try:
            title = " ".join(process.cmdline())
            of_its_own = [part for part, mark in (PARTS | dict(more)).items() if mark in title.split(" --")[0]]
            above = named.get(process.ppid(), REST)
            named[process.pid] = of_its_own[0] if of_its_own else above if above not in ("raylet", "gcs") else REST
        except psutil.Error:
            continue
    return named


def processor_ms(cluster: RunningCluster, more: Mapping[str, str] = MappingProxyType({})) -> Counter[str]:
    """User and system time so far, by part."""
    spent: Counter[str] = Counter()
    for pid, part in parts(cluster, more).items():
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.Error:
            continue
        spent[part] += round(1000 * (times.user + times.system))
    return spent


def memory(cluster: RunningCluster, more: Mapping[str, str] = MappingProxyType({})) -> dict[str, tuple[float, float]]:
    """Megabytes by part: unique (USS) and proportional (PSS)."""
    unique: Counter[str] = Counter()
    proportional: Counter[str] = Counter()
    for pid, part in parts(cluster, more).items():
        try:
            used = psutil.Process(pid).memory_full_info()
        except psutil.Error:
            continue
        unique[part] += used.uss
        proportional[part] += used.pss
    return {part: (unique[part] / 1e6, proportional[part] / 1e6) for part in unique}


# ---------------------------------------------------------------- runs


def short_jobs(cluster: RunningCluster, real: bool) -> tuple[float, float]:
    """Jobs a second accepted and read to the end, each by one of the clients; and milliseconds of the median job."""
    name, data = document(1, real)

    def client_run(jobs: int) -> list[float]:
        durations: list[float] = []
        with cluster.client() as client:
            for _ in range(jobs):
                begun = time.monotonic()
                read_to_the_end(client, name, data)
                durations.append(time.monotonic() - begun)
        return durations

    shares = [SHORT_JOBS // CLIENTS + (number < SHORT_JOBS % CLIENTS) for number in range(CLIENTS)]
    start = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as threads:
        durations = sorted(duration for run in threads.map(client_run, shares) for duration in run)
    return SHORT_JOBS / (time.monotonic() - start), 1000 * durations[len(durations) // 2]


def measure(real: bool) -> None:
    with running_cluster(engines="null", null_render=str(not real).lower()) as cluster, cluster.client() as client:
        idle = memory(cluster)
        ended(client, submit(client, *document(20, real)))
        name, book = document(LONG_JOB_PAGES, real)
        before, start = processor_ms(cluster), time.monotonic()
        ended(client, submit(client, name, book))
        long_s = time.monotonic() - start
        between = processor_ms(cluster)
        jobs_a_second, median_ms = short_jobs(cluster, real)
        after = processor_ms(cluster)
    title = "real rendering of small pages" if real else "nothing rendered: coordination alone"
    print_table(
        f"Null engine, {title}",
        ["what", "measured", "unit"],
        [
            ["start-up to ready", f"{cluster.startup_s:.1f}", "s"],
            [f"one job of {LONG_JOB_PAGES} pages", f"{LONG_JOB_PAGES / long_s:.0f}", "pages/s"],
            [f"{SHORT_JOBS} jobs of one page, {CLIENTS} clients", f"{jobs_a_second:.1f}", "jobs/s"],
            ["the median job, to the end", f"{median_ms:.0f}", "ms"],
        ],
    )
    print_table(
        "Where the processor time goes, and memory at idle (before the first job)",
        ["process", "CPU ms/page", "CPU ms/short job", "USS MB", "PSS MB"],
        _rows(between - before, after - between, idle),
    )


def _rows(long: Counter[str], short: Counter[str], idle: dict[str, tuple[float, float]]) -> list[list[str]]:
    figures = {
        part: (long[part] / LONG_JOB_PAGES, short[part] / SHORT_JOBS, *idle.get(part, (0.0, 0.0)))
        for part in (*PARTS, REST)
    }
    columns = zip(*figures.values(), strict=True)
    figures["in all"] = tuple(sum(column) for column in columns)
    return [
        [name, f"{page:.2f}", f"{job:.2f}", f"{uss:.0f}", f"{pss:.0f}"]
        for name, (page, job, uss, pss) in figures.items()
    ]


def live_jobs() -> None:
    """The JobHost's growth from some live jobs to more, all waiting for a slow engine; they are cancelled then.

    What it takes once, whatever the number of jobs (threads, what the allocator keeps), is in neither.
    """
    settings = {"engines": "null", "null_render": "true", "null_delay_ms": str(SLOW_MS)}
    with running_cluster(**settings) as cluster, cluster.client() as client:
        jobs = _submitted(cluster, FIRST_LIVE_JOBS)
        before = memory(cluster)["JobHost"]
        jobs += _submitted(cluster, SHORT_JOBS)
        after = memory(cluster)["JobHost"]
        live = _live(client, jobs)  # last, since a job that was asked for is watched, which takes memory, too
        _cancel(client, jobs)
    growth = 1000 * (after[0] - before[0])
    print_table(
        "A job while it lives",
        ["what", "measured", "unit"],
        [
            [f"the JobHost's memory with {FIRST_LIVE_JOBS} jobs (USS)", f"{before[0]:.1f}", "MB"],
            [f"the JobHost's memory with {len(jobs)} jobs (USS)", f"{after[0]:.1f}", "MB"],
            ["jobs alive at the end of the measurement", str(live), f"of {len(jobs)}"],
            ["growth a live job", f"{growth / SHORT_JOBS:.0f}" if live == len(jobs) else "-", "KB"],
        ],
    )


def _submitted(cluster: RunningCluster, count: int) -> list[str]:
    name, data = document(1, real=False)
    with cluster.client() as client, ThreadPoolExecutor(CLIENTS) as threads:
        return list(threads.map(lambda _: submit(client, name, data), range(count)))


def _live(client: httpx.Client, jobs: list[str]) -> int:
    """How many have not ended."""
    statuses = [client.get(f"/api/jobs/{job}/status").json()["status"] for job in jobs]
    return sum(status not in TERMINAL for status in statuses)


def _cancel(client: httpx.Client, jobs: list[str]) -> None:
    for job in jobs:
        client.post(f"/api/jobs/{job}/cancel")  # one that has ended meanwhile answers that it has


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        rate = fsync_rate(Path(folder))
    cores = len(os.sched_getaffinity(0))
    print_table(
        f"This machine, {cores} cores",
        ["what", "measured", "unit"],
        [[f"files of {FSYNC_BYTES // 1000} KB created, synced, renamed, folder synced", f"{rate:.0f}", "files/s"]],
    )
    for real in (False, True):
        measure(real)
    live_jobs()


if __name__ == "__main__":
    main()
