"""The application on a cluster that others start, deployed as KubeRay does: a Serve config, sent to Ray's REST API."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from cluster.front_door import own_places
from cluster.ray_cluster import LOOPBACK_SWITCH
from tests.deploy.image_environment import DOCKERFILE, image_environment
from tests.e2e.job_requests import JobRequests
from tests.e2e.live_cluster import REPOSITORY
from tests.ports import free_port


class ConfigCluster(JobRequests):
    """environment: of all its processes. nodes: the module that starts them. http: the API. dashboard: where KubeRay
    would send the config."""

    def __init__(self, environment: dict[str, str], folder: Path, nodes: str) -> None:
        self.port = free_port()
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=70)
        dashboard = free_port()
        self.dashboard = httpx.Client(base_url=f"http://127.0.0.1:{dashboard}", timeout=30)
        self._environment = environment
        self._log = (folder / "nodes.log").open("ab")
        self._nodes = subprocess.Popen(
            [sys.executable, "-m", nodes, str(dashboard)],
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def close(self) -> None:
        try:
            self._nodes.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self._nodes.kill()
            self._nodes.wait()
        self._log.close()
        self.http.close()
        self.dashboard.close()

    def add_node(self) -> None:
        """For CPU work."""
        self.seen("add")

    def seen(self, line: str = "") -> dict[str, Any]:
        """The cluster's ``address``, the ids of its ``head`` and its living ``nodes`` for CPU work, and by the names of
        the JobHosts (``hosts``) the id of the node of each."""
        assert self._nodes.stdin is not None
        assert self._nodes.stdout is not None
        self._nodes.stdin.write(f"{line}\n")
        self._nodes.stdin.flush()
        answer: dict[str, Any] = json.loads(self._nodes.stdout.readline())
        return answer

    def deploy(self, args: dict[str, object], name: str = "gnosis-ocr") -> None:
        config = {
            "proxy_location": "HeadOnly",
            "http_options": {"host": "127.0.0.1", "port": self.port, "keep_alive_timeout_s": 75},
            "applications": [
                {
                    "name": name,
                    "import_path": "serve_app.application:application",
                    "route_prefix": "/",
                    "args": args,
                }
            ],
        }
        answer = self.dashboard.put("/api/serve/applications/", json=config)
        assert answer.status_code == 200, answer.text

    def application(self, name: str = "gnosis-ocr") -> dict[str, Any]:
        """As Serve shows it: its status and message; empty where there is none yet."""
        answer = self.dashboard.get("/api/serve/applications/")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["applications"].get(name, {})
        return found

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``gnosis-ocr``, on a machine of the cluster."""
        with self.started(*arguments) as process:
            told, complaint = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, told, complaint)

    def started(self, *arguments: str) -> subprocess.Popen[str]:
        """As ``command``, without waiting for its end."""
        return subprocess.Popen(
            [sys.executable, "-c", "from serve_app.command import main; main()", *arguments],
            cwd=REPOSITORY,
            env=self._environment | {"RAY_ADDRESS": self.seen()["address"]},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait(self, condition: Callable[[], bool], timeout_s: float = 120) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            assert self._nodes.poll() is None, "the nodes' process ended"
            assert time.monotonic() < end, f"waited {timeout_s} s in vain: {self.application()}"
            time.sleep(0.2)

    def ready(self) -> bool:
        return self._asked("/readyz") == 200

    def healthy(self) -> bool:
        """What KubeRay and load balancers ask of a node."""
        return self._asked("/-/healthz") == 200

    def _asked(self, path: str) -> int:
        try:
            return self.http.get(path).status_code
        except httpx.TransportError:
            return 0


@contextmanager
def config_cluster(emulator: str, nodes: str = "tests.e2e.config_nodes") -> Iterator[ConfigCluster]:
    """In the environment of the container image, but for ports and folders. emulator: address of Cloud Storage."""
    folder = Path(tempfile.mkdtemp(prefix="gnosis-cfg-"))
    first = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "GNOSIS_"))}
    environment |= {name: value for name, value in image_environment().items() if name.startswith("RAY_")}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
        "STORAGE_EMULATOR_HOST": emulator,
        "NO_PROXY": "127.0.0.1",
        "GNOSIS_DOOR": "127.0.0.1",
        LOOPBACK_SWITCH: "0",
        "RAY_TMPDIR": str(folder),
        "RAY_SERVE_HAPROXY_BINARY_PATH": str(DOCKERFILE.parent / "haproxy"),
        **own_places(folder, first),
    }
    cluster = ConfigCluster(environment, folder, nodes)
    try:
        cluster.seen()  # answers once the head is up
        yield cluster
    finally:
        cluster.close()
        shutil.rmtree(folder, ignore_errors=True)
