"""A cluster to measure: the server as a process of its own, with a port, a store and a Ray folder of its own.

Only one cluster may be measured at a time on a machine: another one's Ray is waited for, and then refused. Tests, which
measure nothing, take no notice of others.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from cluster.settings import load_settings
from serve_app.server import running_server, wait_for_signal
from tests.ports import free_port

ClusterSettings = dict[str, str]
"""GNOSIS_ variables without their prefix; ``port`` where it must be a certain one."""

REPOSITORY = Path(__file__).resolve().parent.parent
TERMINAL = ("completed", "partial", "failed", "cancelled")
ALONE_S = 60.0
READY_S = 150.0
STOP_S = 120.0


class RunningCluster:
    """url: of the API. folder: everything it writes. process: of the server. startup_s: until it was ready."""

    def __init__(self, url: str, folder: Path, process: psutil.Process, startup_s: float) -> None:
        self.url = url
        self.folder = folder
        self.process = process
        self.startup_s = startup_s

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=120, trust_env=False)

    def processes(self) -> list[psutil.Process]:
        """The server's and all that it started."""
        return [self.process, *self.process.children(recursive=True)]

    def titled(self, title: str) -> list[psutil.Process]:
        """Those whose command line contains ``title``; Ray writes there what an actor's process is."""
        return [process for process in self.processes() if title in _command_line(process)]

    def kill_everything(self) -> None:
        """kill -9 of every process at once."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()


def _command_line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@contextmanager
def running_cluster(module: str = "benchmarks.running_cluster", /, **settings: str) -> Iterator[RunningCluster]:
    """settings: GNOSIS_ variables without their prefix. module: what is run as the server. RuntimeError: it does not
    start, or another one runs."""
    _wait_until_alone()
    folder = Path(tempfile.mkdtemp(prefix="gnosis-b-", dir="/tmp"))  # short: Ray puts Unix sockets below it
    log = folder / "server.log"
    process: subprocess.Popen[bytes] | None = None
    try:
        port = int(settings.pop("port", 0)) or free_port()
        start = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=REPOSITORY,
                env=_environment(folder, port, settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(process, url, log)
        yield RunningCluster(url, folder, psutil.Process(process.pid), time.monotonic() - start)
    finally:
        if process is not None:
            _end(process)
        shutil.rmtree(folder, ignore_errors=True)


def submit(client: httpx.Client, name: str, data: bytes, **options: str) -> str:
    """The job's id."""
    answer = client.post("/api/jobs", params={"filename": name, **options}, content=data)
    answer.raise_for_status()
    return str(answer.json()["job_id"])


def read_to_the_end(client: httpx.Client, name: str, data: bytes, **options: str) -> dict[str, Any]:
    """Submits and waits for the end in the same request (``wait``); the record. RuntimeError as ``ended``."""
    answer = client.post("/api/jobs", params={"filename": name, "wait": "60", **options}, content=data)
    answer.raise_for_status()
    record: dict[str, Any] = answer.json()
    if record["status"] not in TERMINAL:
        return ended(client, record["job_id"])
    return _completed(record)


def ended(client: httpx.Client, job_id: str) -> dict[str, Any]:
    """Waits for the end by long polling; the record. RuntimeError where the job did not complete."""
    etag = ""
    while True:
        headers = {"If-None-Match": etag} if etag else {}
        answer = client.get(f"/api/jobs/{job_id}/status", params={"wait": "20"} if etag else {}, headers=headers)
        if answer.status_code == 304:
            continue
        answer.raise_for_status()
        etag = answer.headers["etag"]
        record: dict[str, Any] = answer.json()
        if record["status"] in TERMINAL:
            return _completed(record)


def _completed(record: dict[str, Any]) -> dict[str, Any]:
    if record["status"] != "completed":
        raise RuntimeError(f"job {record['job_id']} ended {record['status']}")
    return record


def _environment(folder: Path, port: int, settings: dict[str, str]) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "GNOSIS_"))}
    environment |= {
        "GNOSIS_STORE": f"file://{folder / 'store'}",
        "GNOSIS_PORT": str(port),
        "GNOSIS_RAY_TEMP_DIR": str(folder / "ray"),
    }
    return environment | {f"GNOSIS_{name.upper()}": value for name, value in settings.items()}


def _wait_until_alone() -> None:
    if "PYTEST_CURRENT_TEST" in os.environ:
        return  # a test measures nothing, and others may have clusters beside it
    end = time.monotonic() + ALONE_S
    while any(process.info["name"] == "raylet" for process in psutil.process_iter(["name"])):
        if time.monotonic() > end:
            raise RuntimeError(f"Another Ray cluster has run on this machine for {ALONE_S:.0f} s; end it first.")
        time.sleep(0.5)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + READY_S
    while process.poll() is None and time.monotonic() < end:
        try:
            if httpx.get(f"{url}/readyz", timeout=10, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"The server did not become ready: {log.read_text(errors='replace')[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C does; what is left after that is killed, process by process."""
    started = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for one in psutil.wait_procs(started, timeout=10)[1]:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue


if __name__ == "__main__":
    with running_server(load_settings(), dashboard=False):
        wait_for_signal()
