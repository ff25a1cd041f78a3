"""A Ray cluster as others start it, on this machine: ``python -m tests.e2e.config_nodes DASHBOARD_PORT``.

A head that runs no work, in an environment that the caller sets; the line ``add`` on stdin adds a node for CPU work.
After each line it prints one of JSON on stdout: its address, which nodes live, and on which each JobHost does. The end
of stdin ends it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import ray
from ray.cluster_utils import Cluster


def seen() -> dict[str, Any]:
    from ray._private.state import state

    actors = state.actor_table(None, None).values()
    return {
        "address": ray.get_runtime_context().gcs_address,
        "head": ray.get_runtime_context().get_node_id(),
        "nodes": [node["NodeID"] for node in ray.nodes() if node["Alive"] and "cpu_node" in node["Resources"]],
        "hosts": {
            actor["Name"]: actor["Address"]["NodeID"]
            for actor in actors
            if actor["Name"].startswith("job-host-") and actor["State"] == "ALIVE"
        },
    }


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Ray tells its driver goes where it does not disturb
    head = {
        "num_cpus": 0,
        "include_dashboard": True,
        "dashboard_host": "127.0.0.1",
        "dashboard_port": int(sys.argv[1]),
        "object_store_memory": 100 << 20,
    }
    cluster = Cluster(initialize_head=True, connect=True, head_node_args=head)
    for line in sys.stdin:
        if line.strip() == "add":
            cluster.add_node(num_cpus=2, resources={"cpu_node": 1}, object_store_memory=100 << 20)
        print(json.dumps(seen()), file=answers, flush=True)
    ray.shutdown()
    cluster.shutdown()
