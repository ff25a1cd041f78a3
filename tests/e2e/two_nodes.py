"""A Ray cluster of two nodes on this machine, as a process: ``python -m tests.e2e.two_nodes``.

Its one line on stdout is the cluster's address; the end of its stdin ends it.
"""

from __future__ import annotations

import sys

from cluster.ray_cluster import prepare_environment

if __name__ == "__main__":
    prepare_environment()
    from ray.cluster_utils import Cluster

    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    nodes.add_node(num_cpus=1)
    print(nodes.address, flush=True)
    sys.stdin.read()
    nodes.shutdown()
