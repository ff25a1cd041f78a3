"""The front door: status, submissions, large uploads and listeners, each beside what bounds it on this machine.

Requests a second are compared with Serve's hello world behind the same proxy, submissions with the folder's own rate
of synced files. The load comes from the same machine, so ratios count, not figures.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx
import psutil

from benchmarks.control_plane import document, fsync_rate
from benchmarks.hello_server import PATH as HELLO
from benchmarks.http_load import CONNECTIONS, Load, load
from benchmarks.listeners import Listeners
from benchmarks.percentile import percentile
from benchmarks.running_cluster import RunningCluster, ended, running_cluster, submit
from benchmarks.table import print_table

SUBMIT_S = 10.0
SUBMITTERS = 16
STEADY_A_SECOND = 20
LARGE_MB, LARGE_AT_ONCE, BUDGET_MB = 90, 10, 500
RETRIED_WITHIN_S = 300.0
RESUMABLE_MB, CHUNK_MB = 500, 8
TUS = {"Tus-Resumable": "1.0.0"}
LISTENERS, HEARD_PAGES = 500, 40
AUDIENCES, GONE_S = 3, 5
BOUND = "Serve's hello world"
TURNS, TURN_S, HELLO_S = 5, 5, 60
LIVE_PAGES, LIVE_MS = 40, 5000
"""A job that lives while it is asked for: each of its pages takes so long."""

HEARD_MS = 500


# ---------------------------------------------------------------- status


def status() -> None:
    """In turns, so that what else the machine does meets all three alike."""
    with (
        running_cluster("benchmarks.hello_server", **_slow(LIVE_MS)) as cluster,
        cluster.client() as client,
    ):
        finished = submit(client, *document(1, real=False))
        ended(client, finished)
        live = submit(client, *document(LIVE_PAGES, real=False))
        _wait_for_hello(client)
        asked = {
            BOUND: f"{cluster.url}{HELLO}/",
            "status of a finished job": f"{cluster.url}/api/jobs/{finished}/status",
            "status of a live job": f"{cluster.url}/api/jobs/{live}/status",
        }
        rounds = [{what: load(url, seconds=TURN_S) for what, url in asked.items()} for _ in range(TURNS)]
        client.post(f"/api/jobs/{live}/cancel")
    bounds = [one[BOUND].requests_a_second for one in rounds]
    print_table(
        f"GET with {CONNECTIONS} connections, by {rounds[0][BOUND].driver}: medians of {TURNS} turns of {TURN_S} s",
        ["what", "requests/s", "of hello world", "p50 ms", "p99 ms", "failed"],
        [_row(what, [one[what] for one in rounds], bounds) for what in asked],
    )


def _wait_for_hello(client: httpx.Client) -> None:
    deadline = time.monotonic() + HELLO_S
    while client.get(f"{HELLO}/").status_code != 200:
        if time.monotonic() > deadline:
            raise RuntimeError("Serve's hello world does not answer.")
        time.sleep(0.2)


def _slow(page_ms: int) -> dict[str, str]:
    """Settings of a cluster that reads one page after the other, each so slowly."""
    return {"engines": "null", "null_render": "true", "null_delay_ms": str(page_ms), "batch_size": "1"}


def _row(what: str, turns: list[Load], bounds: list[float]) -> list[str]:
    """bounds: hello world's requests a second in the same turns."""
    rate = median(turn.requests_a_second for turn in turns)
    share = median(turn.requests_a_second / bound for turn, bound in zip(turns, bounds, strict=True))
    times = [f"{median(turn.median_ms for turn in turns):.1f}", f"{median(turn.p99_ms for turn in turns):.1f}"]
    return [what, f"{rate:.0f}", f"{share:.2f}", *times, str(sum(turn.failed for turn in turns))]


# ---------------------------------------------------------------- submissions


def submissions() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        rate = fsync_rate(Path(folder))
    with running_cluster(engines="null", null_render="true") as cluster, cluster.client() as client:
        ended(client, submit(client, *document(1, real=False)))
        flat_out = _flat_out(cluster)
        steady = _steady(cluster)
    print_table(
        "Submissions of one page, accepted durably",
        ["what", "measured", "unit"],
        [
            ["files synced by this folder, one after the other", f"{rate:.0f}", "files/s"],
            [f"{SUBMITTERS} clients, each as fast as it can", f"{flat_out:.1f}", "jobs/s"],
            [f"{STEADY_A_SECOND} a second: the median", f"{percentile(steady, 0.5):.0f}", "ms"],
            [f"{STEADY_A_SECOND} a second: p99", f"{percentile(steady, 0.99):.0f}", "ms"],
        ],
    )


def _flat_out(cluster: RunningCluster) -> float:
    """Jobs a second, all clients together."""
    end = time.monotonic() + SUBMIT_S

    def client_run(_: int) -> int:
        count = 0
        with cluster.client() as client:
            while time.monotonic() < end:
                submit(client, *document(1, real=False))
                count += 1
        return count

    start = time.monotonic()
    with ThreadPoolExecutor(SUBMITTERS) as threads:
        count = sum(threads.map(client_run, range(SUBMITTERS)))
    return count / (time.monotonic() - start)


def _steady(cluster: RunningCluster) -> list[float]:
    """Milliseconds of each submission, begun at fixed moments whether or not earlier ones were answered."""

    def one(due: float) -> float:
        time.sleep(max(0.0, due - time.monotonic()))
        submit(client, *document(1, real=False))
        return 1000 * (time.monotonic() - due)

    with cluster.client() as client, ThreadPoolExecutor(4 * SUBMITTERS) as threads:
        start = time.monotonic() + 0.5
        moments = [start + number / STEADY_A_SECOND for number in range(int(SUBMIT_S * STEADY_A_SECOND))]
        return list(threads.map(one, moments))


# ---------------------------------------------------------------- large uploads


def uploads() -> None:
    settings = {"engines": "null", "null_render": "true", "upload_budget_mb": str(BUDGET_MB)}
    body = document(1, real=False)[1] + bytes(LARGE_MB << 20)
    with running_cluster(**settings) as cluster, cluster.client() as client:
        ended(client, submit(client, *document(1, real=False)))
        before = _memory_mb(cluster, "Ingress")
        with _highest(cluster, "Ingress") as highest, ThreadPoolExecutor(LARGE_AT_ONCE) as threads:
            start = time.monotonic()
            turned_away = list(threads.map(lambda _: _send_until_accepted(cluster, body), range(LARGE_AT_ONCE)))
            took = time.monotonic() - start
    print_table(
        f"{LARGE_AT_ONCE} uploads of {LARGE_MB} MB at once, {BUDGET_MB} MB of them at a time",
        ["what", "measured", "unit"],
        [
            ["turned away with 503 and Retry-After, and accepted later", str(sum(map(bool, turned_away))), "uploads"],
            ["until all were accepted", f"{took:.1f}", "s"],
            ["the Ingress's memory before (USS)", f"{before:.0f}", "MB"],
            ["the Ingress's memory at its highest (USS)", f"{max(highest):.0f}", "MB"],
        ],
    )


def _send_until_accepted(cluster: RunningCluster, body: bytes) -> int:
    """How often it was turned away. RuntimeError: otherwise than it should be, or for too long."""
    end = time.monotonic() + RETRIED_WITHIN_S
    times = 0
    with cluster.client() as client:
        while time.monotonic() < end:
            answer = client.post("/api/jobs", params={"filename": "large.pdf"}, content=body)
            if answer.status_code == 202:
                return times
            if answer.status_code != 503 or "retry-after" not in answer.headers:
                raise RuntimeError(f"{answer.status_code} {answer.text[:300]}")
            times += 1
            time.sleep(float(answer.headers["retry-after"]))
    raise RuntimeError(f"An upload was turned away for {RETRIED_WITHIN_S:.0f} s.")


def resumable() -> None:
    """One client, chunk after chunk; then a job is made of the upload, so that its bytes are known to have arrived."""
    with running_cluster(engines="null", null_render="true") as cluster, cluster.client() as client:
        ended(client, submit(client, *document(1, real=False)))
        chunk = os.urandom(CHUNK_MB << 20)
        before = _memory_mb(cluster, "Ingress")
        with _highest(cluster, "Ingress") as highest:
            start = time.monotonic()
            upload = _sent(client, chunk)
            took = time.monotonic() - start
        start = time.monotonic()
        answer = client.post("/api/jobs", json={"source": {"upload_id": upload}})
        joined = time.monotonic() - start
        if answer.status_code != 202 or answer.json()["file_info"]["file_size"] != RESUMABLE_MB << 20:
            raise RuntimeError(f"{answer.status_code} {answer.text[:300]}")
    print_table(
        f"{RESUMABLE_MB} MB as a resumable upload, {CHUNK_MB} MB a chunk",
        ["what", "measured", "unit"],
        [
            ["chunks stored durably", f"{RESUMABLE_MB / took:.0f}", "MB/s"],
            ["a job made of them", f"{joined:.1f}", "s"],
            ["the Ingress's memory before (USS)", f"{before:.0f}", "MB"],
            ["the Ingress's memory at its highest (USS)", f"{max(highest):.0f}", "MB"],
        ],
    )


def _sent(client: httpx.Client, chunk: bytes) -> str:
    """The id of the finished upload. RuntimeError: a chunk was not taken."""
    total = RESUMABLE_MB << 20
    head = b"%PDF-1.7\n"
    answer = client.post("/api/uploads", headers={**TUS, "Upload-Length": str(total)})
    path, offset = answer.headers["location"], 0
    while offset < total:
        piece = (head + chunk[len(head) :] if offset == 0 else chunk)[: total - offset]
        headers = {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        answer = client.patch(path, content=piece, headers=headers)
        if answer.status_code != 204:
            raise RuntimeError(f"{answer.status_code} {answer.text[:300]}")
        offset += len(piece)
    return str(path.rpartition("/")[2])


def _memory_mb(cluster: RunningCluster, title: str) -> float:
    """Of all processes whose command line has ``title``; USS."""
    total = 0.0
    for process in cluster.titled(title):
        try:
            total += process.memory_full_info().uss / 1e6
        except psutil.Error:
            continue
    return total


@contextmanager
def _highest(cluster: RunningCluster, title: str) -> Iterator[list[float]]:
    """Memory as it is looked at ten times a second."""
    seen = [_memory_mb(cluster, title)]
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            seen.append(_memory_mb(cluster, title))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


# ---------------------------------------------------------------- listeners


def listeners() -> None:
    """One audience after the other: what the first leaves in memory is there for the next."""
    with running_cluster(**_slow(HEARD_MS)) as cluster, cluster.client() as client:
        before = _memory_mb(cluster, "Ingress")
        late_ms: list[float] = []
        refused, finished = 0, 0
        after: list[float] = []
        for _ in range(AUDIENCES):
            job = submit(client, *document(HEARD_PAGES, real=False))
            heard = asyncio.run(_hear(cluster.url, job))
            late_ms, refused, finished = late_ms + heard[0], refused + heard[1], finished + heard[2]
            time.sleep(GONE_S)
            after.append(_memory_mb(cluster, "Ingress"))
    growth = [[f"{GONE_S} s after audience {n} had left", f"{mb:.0f}", "MB"] for n, mb in enumerate(after, 1)]
    print_table(
        f"{AUDIENCES} times {LISTENERS} listeners of one job of {HEARD_PAGES} pages",
        ["what", "measured", "unit"],
        [
            ["refused", str(refused), "listeners"],
            ["heard the end", str(finished), "listeners"],
            ["a page reaches a listener after the first: p99", f"{percentile(late_ms, 0.99):.0f}", "ms"],
            ["a page reaches the last listener after the first: most", f"{max(late_ms):.0f}", "ms"],
            ["the Ingress's memory before (USS)", f"{before:.0f}", "MB"],
            *growth,
        ],
    )


async def _hear(url: str, job: str) -> tuple[list[float], int, int]:
    audience = Listeners(url, job, LISTENERS)
    await audience.open()
    heard = await audience.hear(HEARD_MS / 1000 * HEARD_PAGES + 60)
    await audience.leave()
    return heard.lateness_ms(LISTENERS) or [0.0], len(heard.refused), heard.finished


PARTS = {
    "status": status,
    "submissions": submissions,
    "uploads": uploads,
    "resumable": resumable,
    "listeners": listeners,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure; by default everything")
    asked = parser.parse_args().parts or list(PARTS)
    print(f"{len(os.sched_getaffinity(0))} cores\n")
    for part in asked:
        PARTS[part]()


if __name__ == "__main__":
    main()
