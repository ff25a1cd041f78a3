"""Which nodes of a cluster our actors go to."""

from __future__ import annotations

from cluster.settings import Settings

SHARE = 0.001
"""Of a node's resource that each actor takes: a node that has one of it has room for a thousand."""


def on_cpu_nodes(settings: Settings) -> dict[str, float]:
    """Custom resources for Ray: what keeps hosts, the Ingress and Renderers off the GPU nodes.

    One of them there would keep the node, which costs the most of all, from being given back when nothing is read.
    """
    return {settings.cpu_nodes: SHARE} if settings.cpu_nodes else {}
