"""Keeps Serve's replicas on loopback where the whole cluster is on it.

A replica takes calls of other replicas on a port of its own, which Serve binds to all interfaces; whoever reaches it
can have the replica run anything. Serve has no setting for the address, so the function that binds it gets another.
"""

from __future__ import annotations

from cluster.ray_cluster import is_on_loopback


def bind_to_loopback() -> None:
    """For this replica's process, before Serve opens the port: called by our replicas' constructors."""
    if not is_on_loopback():
        return
    from ray.serve._private import replica

    bind = replica.add_port_to_grpc_server

    def bind_here(server: object, address: str) -> int:
        return int(bind(server, address.replace("[::]", "127.0.0.1")))

    replica.add_port_to_grpc_server = bind_here
