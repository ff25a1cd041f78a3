"""What a replica that takes a dead one's place should not wait for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
NEEDLESS = ("serve_app.app", "serve_app.ray_gateway", "actors.job.job_host", "httpx._main", "google.cloud.storage")
"""The HTTP side, the hosts, and libraries that only some of them use: half a second in all."""

CODE = """
import ray.serve, sys
before = set(sys.modules)
import {module}
print(*(set({needless!r}) & (set(sys.modules) - before)))
"""


def imported(module: str, needless: Sequence[str]) -> list[str]:
    """Those of ``needless`` that the import of ``module`` brings with it, in a fresh process that has Ray Serve."""
    code = CODE.format(module=module, needless=tuple(needless))
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
