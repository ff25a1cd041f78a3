"""What a replica that takes a dead one's place has to import first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
