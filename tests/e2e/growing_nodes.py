"""A Ray cluster that grows and shrinks by need: ``python -m tests.e2e.growing_nodes DASHBOARD_PORT``.

Ray's autoscaler over its own fake nodes, each a raylet on this machine with as many GPUs as it says. That is what
ray.cluster_utils.AutoscalingCluster does; but that begins and ends with ``ray stop --force``, which takes every other
cluster of the machine with it, and the file that it starts from is not in Ray's wheel.

The line ``kill`` on stdin ends a GPU node, as a provider does that takes it back without a word. After each line it
prints one of JSON, as config_nodes.py does, with the ids of the living ``gpu_nodes``. The end of stdin ends it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import ray

from tests.e2e.config_nodes import seen
from tests.ports import free_port

NODE_ID = "RAY_OVERRIDE_NODE_ID_FOR_TESTING"
HEAD_ID = "f" * 51 + "00000"
MEMORY = 100 << 20
"""Of each node's object store."""

START_S = 120.0


def autoscaling(gcs: str) -> dict[str, Any]:
    """A node for CPU work, and up to three with a GPU that are given back after six idle seconds."""

    def nodes(least: int, most: int, **resources: float) -> dict[str, Any]:
        resources["object_store_memory"] = MEMORY
        return {"resources": resources, "node_config": {}, "min_workers": least, "max_workers": most}

    return {
        "cluster_name": "growing",
        "max_workers": 4,
        "idle_timeout_minutes": 0.1,
        "upscaling_speed": 100.0,
        "provider": {
            "type": "external",  # for one of Ray's own it looks for a file that its wheel lacks
            "module": "ray.autoscaler._private.fake_multi_node.node_provider.FakeMultiNodeProvider",
            "gcs_address": gcs,
            "head_node_id": HEAD_ID,
            "launch_multiple": True,
            "use_node_id_as_ip": True,
            "disable_node_updaters": True,
            "disable_launch_config_check": True,
        },
        "available_node_types": {
            "ray.head.default": {"resources": {"CPU": 0}, "node_config": {}, "max_workers": 0},
            "cpu": nodes(1, 1, CPU=2, cpu_node=1),
            "gpu": nodes(0, 3, CPU=1, GPU=1),
        },
        "head_node_type": "ray.head.default",
        **{name: {} for name in ("auth", "docker", "file_mounts")},
        **{name: [] for name in ("initialization_commands", "setup_commands", "head_setup_commands")},
        **{name: [] for name in ("worker_setup_commands", "cluster_synced_files")},
        **{name: [] for name in ("head_start_ray_commands", "worker_start_ray_commands")},
    }


def start_head(dashboard: int) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    gcs = f"127.0.0.1:{port}"
    folder = Path(os.environ["RAY_TMPDIR"])
    config = folder / "autoscaling.json"
    config.write_text(json.dumps(autoscaling(gcs)))
    options = {
        "port": port,
        "node-ip-address": "127.0.0.1",
        "dashboard-host": "127.0.0.1",
        "dashboard-port": dashboard,
        "dashboard-agent-listen-port": free_port(),
        "ray-client-server-port": free_port(),
        "min-worker-port": 0,
        "max-worker-port": 0,
        "num-cpus": 0,
        "object-store-memory": MEMORY,
        "temp-dir": folder / "ray",
        "autoscaling-config": config,
    }
    environment = os.environ | {
        "RAY_FAKE_CLUSTER": "1",
        "RAY_enable_autoscaler_v2": "1",
        "RAY_CLOUD_INSTANCE_ID": HEAD_ID,
        NODE_ID: HEAD_ID,
        "AUTOSCALER_UPDATE_INTERVAL_S": "1",
    }
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--disable-usage-stats"]
    command += [f"--{name}={value}" for name, value in options.items()]
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL), gcs


def join(head: subprocess.Popen[bytes], gcs: str) -> None:
    end = time.monotonic() + START_S
    while True:
        try:
            ray.init(address=gcs, log_to_driver=False)
            return
        except ConnectionError:
            if head.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.5)


def gpu_nodes() -> list[str]:
    return [node["NodeID"] for node in ray.nodes() if node["Alive"] and "GPU" in node["Resources"]]


def end_processes(root: int, node: str | None = None) -> None:
    """kill -9 of everything that ``root`` has started, or of one node's processes among them."""
    for process in psutil.Process(root).children(recursive=True):
        try:
            if node is None or process.environ().get(NODE_ID) == node:
                process.kill()
        except psutil.Error:
            continue


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Ray tells its driver goes where it does not disturb
    head, gcs = start_head(int(sys.argv[1]))
    try:
        join(head, gcs)
        for line in sys.stdin:
            if line.strip() == "kill" and (nodes := gpu_nodes()):
                end_processes(head.pid, nodes[0])
            print(json.dumps({**seen(), "gpu_nodes": gpu_nodes()}), file=answers, flush=True)
        ray.shutdown()
    finally:
        end_processes(head.pid)
        head.kill()
        head.wait()
