"""Prometheus beside a cluster, as ``make observe`` starts it, on a port of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.ports import free_port

OBSERVE = Path(__file__).resolve().parents[1] / "deploy" / "prometheus" / "observe.sh"
READY_S = 60


@contextmanager
def running_prometheus(ray_folder: Path) -> Iterator[httpx.Client]:
    """ray_folder: the cluster's temporary folder. RuntimeError: it does not start."""
    port = free_port()
    environment = {"GNOSIS_RAY_TEMP_DIR": str(ray_folder), "GNOSIS_PROMETHEUS_PORT": str(port)}
    script = subprocess.Popen([str(OBSERVE)], env={**os.environ, **environment}, start_new_session=True)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            _wait_until_ready(client)
            yield client
    finally:
        os.killpg(script.pid, signal.SIGTERM)
        script.wait(30)


def _wait_until_ready(client: httpx.Client) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        try:
            if client.get("/-/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"Prometheus was not ready within {READY_S} s.")
