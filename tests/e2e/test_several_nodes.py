"""A folder is no store for a cluster of several nodes: each would have a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.live_cluster import REPOSITORY

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

COMMAND = "from serve_app.command import main; main()"


@pytest.fixture
def address() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.two_nodes"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as nodes:
        assert nodes.stdout is not None
        yield nodes.stdout.readline().strip()
        nodes.communicate(timeout=60)


def test_the_start_stops_with_a_line_that_says_so(address: str, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "GNOSIS_"))}
    environment |= {"RAY_ADDRESS": address, "GNOSIS_STORE": f"file://{tmp_path}", "GNOSIS_PORT": "8123"}
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, "serve"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode != 0
    assert "GNOSIS_STORE is" in ended.stderr
    assert "the cluster has 2 nodes" in ended.stderr
    assert "Traceback" not in ended.stderr
