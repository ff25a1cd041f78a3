"""A real cluster for tests: the server as a process of its own, its ports, store and Ray folder its own as well."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.e2e.job_requests import JobRequests
from tests.ports import free_port

REPOSITORY = Path(__file__).resolve().parent.parent.parent
TERMINAL = ("completed", "partial", "failed", "cancelled")


class LiveCluster(JobRequests):
    """store: the folder of the blob store. settings: GNOSIS_ variables without their prefix, as text. ray_folder: Ray's
    temporary folder. code: the folder that its code is taken from.
    """

    code = REPOSITORY

    def __init__(self, store: Path, **settings: str) -> None:
        self.store = store
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ray_folder = Path(tempfile.mkdtemp(prefix="gnosis-e2e-"))
        self._log = self.ray_folder / "server.log"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self.http = httpx.Client(base_url=self.url, timeout=70)

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "GNOSIS_"))}
        environment |= {
            "GNOSIS_STORE": f"file://{self.store}",
            "GNOSIS_PORT": str(self.port),
            "GNOSIS_RAY_TEMP_DIR": str(self.ray_folder),
        }
        environment |= {f"GNOSIS_{name.upper()}": value for name, value in self._settings.items()}
        if self.code != REPOSITORY:
            environment["PYTHONPATH"] = str(self.code)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.server"],
                cwd=self.code,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait(self._ready, 120)

    def stop(self) -> int:
        """As Ctrl-C does; returns the exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(90)

    def kill_everything(self) -> None:
        """kill -9 of every process of the cluster at once."""
        assert self._process is not None
        for process in [psutil.Process(self._process.pid), *self._descendants()]:
            _kill(process)
        self._process.wait(30)

    def close(self, *, at_once: bool = False) -> None:
        """In good order, which takes seconds, or else at once."""
        if self._process is not None and self._process.poll() is None:
            try:
                self.kill_everything() if at_once else self.stop()
            except subprocess.TimeoutExpired:
                self.kill_everything()
        self.http.close()
        shutil.rmtree(self.ray_folder, ignore_errors=True)

    # ------------------------------------------------------------ jobs

    def ended(self, job_id: str, timeout_s: float = 120) -> dict[str, Any]:
        """Waits until the job has ended; returns its record."""
        records: list[dict[str, Any]] = []

        def over() -> bool:
            records[:] = [self.status(job_id)]
            return records[0]["status"] in TERMINAL

        self.wait(over, timeout_s)
        return records[0]

    def wait(self, condition: Callable[[], bool], timeout_s: float) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            assert self._process is not None
            assert self._process.poll() is None, f"the server ended: {self._log.read_text()[-2000:]}"
            assert time.monotonic() < end, f"waited {timeout_s} s in vain: {self._log.read_text()[-2000:]}"
            time.sleep(0.1)

    # ------------------------------------------------------------ processes

    def kill(self, title: str) -> int:
        """kill -9 of the one actor process whose title contains ``title``; returns its id."""
        found = self.processes(title)
        assert len(found) == 1, f"{title}: {found}"
        _kill(found[0])
        return found[0].pid

    def processes(self, title: str) -> list[psutil.Process]:
        return [p for p in self._descendants() if title in _title(p)]

    def _descendants(self) -> list[psutil.Process]:
        assert self._process is not None
        return psutil.Process(self._process.pid).children(recursive=True)

    def _ready(self) -> bool:
        try:
            return self.http.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def live_cluster(store: Path, **settings: str) -> Iterator[LiveCluster]:
    cluster = LiveCluster(store, **settings)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
