"""What the cluster itself costs: the null engine at zero delay, so that everything but reading is measured.

``python -m benchmarks.coordination [--real-renderer]`` starts a server of its own in a temporary folder, runs one long
job and many short ones, and prints where the processor time went. Without the flag no document is opened or drawn.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import tempfile
import time
from pathlib import Path

import httpx
import psutil
from PIL import Image

from cluster.settings import load_settings
from serve_app.server import running_server

LONG_JOB_PAGES = 500
SHORT_JOBS = 200
CLIENTS = 16
FSYNC_S = 2.0
TERMINAL = ("completed", "partial", "failed", "cancelled")
PROCESSES = {
    "JobHost": "RayJobHost",
    "OCRActor": "OCRActor",
    "Renderer": "Renderer",
    "Ingress": "Ingress",
    "proxy": "ProxyActor",
    "controller": "ServeController",
}


def document(pages: int, real: bool) -> bytes:
    """A multi-page TIFF of small pages, or for the null renderer a note of how many pages there are."""
    if not real:
        return f"%PDF-1.7 pages {pages}".encode()
    first, *others = [Image.new("L", (200, 260), 255 - n % 100) for n in range(pages)]
    buffer = io.BytesIO()
    first.save(buffer, "TIFF", save_all=True, append_images=others)
    return buffer.getvalue()


def processor_seconds() -> dict[str, float]:
    """User and system time of the parts' processes so far, the Renderer's child with it."""
    seconds = dict.fromkeys(PROCESSES, 0.0)
    for process in psutil.Process().children(recursive=True):
        try:
            title = " ".join(process.cmdline())
            for part, mark in PROCESSES.items():
                if mark in title:
                    for one in (process, *process.children(recursive=True)):
                        times = one.cpu_times()
                        seconds[part] += times.user + times.system
        except psutil.Error:
            continue
    return seconds


def fsync_rate(folder: Path) -> float:
    """Files of 3 KB written, synced, renamed and their folder synced, a second, one after the other."""
    end, count = time.monotonic() + FSYNC_S, 0
    directory = os.open(folder, os.O_RDONLY)
    while time.monotonic() < end:
        temporary = folder / "probe.tmp"
        with temporary.open("wb") as file:
            file.write(b"x" * 3000)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(folder / f"probe-{count}")
        os.fsync(directory)
        count += 1
    os.close(directory)
    return count / FSYNC_S


async def submit(client: httpx.AsyncClient, data: bytes, name: str) -> str:
    answer = await client.post("/api/jobs", params={"filename": name}, content=data)
    answer.raise_for_status()
    return str(answer.json()["job_id"])


async def ended(client: httpx.AsyncClient, job_id: str) -> None:
    """Waits for the end by long-polling; RuntimeError where the job did not complete."""
    etag = ""
    while True:
        headers = {"If-None-Match": etag} if etag else {}
        answer = await client.get(f"/api/jobs/{job_id}/status", params={"wait": "20"} if etag else {}, headers=headers)
        if answer.status_code == 304:
            continue
        answer.raise_for_status()
        etag, status = answer.headers["etag"], answer.json()["status"]
        if status in TERMINAL:
            if status != "completed":
                raise RuntimeError(f"the job ended {status}")
            return


async def short_jobs(client: httpx.AsyncClient, data: bytes, name: str) -> None:
    places = asyncio.Semaphore(CLIENTS)

    async def one() -> None:
        async with places:
            await ended(client, await submit(client, data, name))

    await asyncio.gather(*(one() for _ in range(SHORT_JOBS)))


async def measure(url: str, real: bool) -> None:
    name = "book.tiff" if real else "book.pdf"
    async with httpx.AsyncClient(base_url=url, timeout=120, trust_env=False) as client:
        await ended(client, await submit(client, document(20, real), name))
        book = document(LONG_JOB_PAGES, real)
        before, start = processor_seconds(), time.monotonic()
        await ended(client, await submit(client, book, name))
        long_s = time.monotonic() - start
        spent = {part: seconds - before[part] for part, seconds in processor_seconds().items()}
        letter, start = document(1, real), time.monotonic()
        await short_jobs(client, letter, name)
        short_s = time.monotonic() - start
    print(f"one job of {LONG_JOB_PAGES} pages      {LONG_JOB_PAGES / long_s:8.0f} pages/s")
    print(f"{SHORT_JOBS} jobs of one page      {SHORT_JOBS / short_s:8.1f} jobs/s, {CLIENTS} clients, to the end")
    for part, seconds in spent.items():
        print(f"  {part:<12} {1000 * seconds / LONG_JOB_PAGES:6.2f} CPU ms a page of the long job")


def memory_mb() -> float:
    """Proportional memory of this process and all it started."""
    total = 0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real-renderer", action="store_true", help="render real (small) pages")
    parser.add_argument("--port", type=int, default=8400)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(f"the folder's own fsync rate {fsync_rate(Path(folder)):8.0f} files/s")
        settings = load_settings(
            store=f"file://{folder}/store",
            port=arguments.port,
            dashboard_port=arguments.port + 1,
            engines="null",
            null_render=not arguments.real_renderer,
        )
        start = time.monotonic()
        with running_server(settings) as server:
            print(f"start-up to ready           {time.monotonic() - start:8.1f} s")
            print(
                f"memory at idle, in all      {memory_mb():8.0f} MB (proportional, dashboard and this driver with it)"
            )
            kind = "real, small pages" if arguments.real_renderer else "null: coordination alone"
            print(f"renderer                    {kind}")
            asyncio.run(measure(server.url, arguments.real_renderer))


if __name__ == "__main__":
    main()
