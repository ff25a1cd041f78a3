"""A node that is about to go is drained: nothing new is put on it, and what is on it moves.

Ray is told when the node will be gone. From then on Serve starts a replacement for each of the node's replicas on
another one and stops the replica once that is up, or in time before the end; a replica that is stopped finishes the
calls that it has. JobHosts let go of their jobs and begin anew elsewhere. Where there is no elsewhere, since the whole
cluster goes, the jobs have no owner then, and another cluster on the same store claims them at its next sweep.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import ray
from ray.core.generated import autoscaler_pb2

from cluster.clock import Clock
from cluster.errors import StartupError
from cluster.ray_cluster import NAMESPACE
from serve_app.ray_hosts import leave_node

POLL_S = 0.5
NOTICE_S = 10.0
GCS_S = 5.0
DETAILS_S = 5.0
UNTOLD = "what Serve does not tell of"
HEAD = "node:__internal_head__"
"""A resource that Ray gives to the head alone."""

log = logging.getLogger(__name__)


async def drain(node: str | None, within_s: float, clock: Clock) -> list[str]:
    """Returns once nothing of ours is on the node, or after ``within_s``: what is there still.

    node: its id, hex digits; None for that of this machine. StartupError: no node of a cluster runs here, or Ray does
    not let the node be drained.
    """
    end = clock.monotonic() + within_s
    own = _join()  # in the main thread, where Ray may watch for signals
    try:
        node = node or own
        if _is_head(node):
            return await _outstay_the_others(end, clock)
        gone_at = clock.now() + timedelta(seconds=within_s)
        await asyncio.to_thread(_announce, node, gone_at)
        leaving = asyncio.create_task(_have_hosts_leave(node))
        try:
            return await _until_free(node, leaving, end, clock)
        finally:
            leaving.cancel()
    finally:
        ray.shutdown()


async def _until_free(node: str, leaving: asyncio.Task[None], end: float, clock: Clock) -> list[str]:
    while True:
        staying = await _replicas_staying(node)
        staying += [] if leaving.done() else ["JobHost"]
        left = end - clock.monotonic()
        if not staying or left <= 0:
            return staying
        await clock.sleep(min(POLL_S, left))


async def _replicas_staying(node: str) -> list[str]:
    """Where Serve's controller does not answer, since it begins anew or its node is gone, it is asked again."""
    try:
        async with asyncio.timeout(DETAILS_S):
            return replicas_on(node, await asyncio.to_thread(_serve_details))
    except (ray.exceptions.RayError, TimeoutError) as error:
        log.warning("drain: Serve does not say what is here: %s", type(error).__name__)
        return [UNTOLD]


async def _outstay_the_others(end: float, clock: Clock) -> list[str]:
    """For the head, which has nothing of ours. Without it no host hears that it is to leave: where the whole cluster is
    going, which shows within NOTICE_S by other nodes being drained, the head waits until their hosts have left."""
    noticed = clock.monotonic() + NOTICE_S
    while True:
        leaving = asyncio.gather(*(_have_hosts_leave(node) for node in await asyncio.to_thread(_draining)))
        try:
            await asyncio.wait_for(leaving, max(0.0, end - clock.monotonic()))
        except TimeoutError:
            return ["JobHost"]
        if clock.monotonic() >= min(noticed, end):
            return []
        await clock.sleep(POLL_S)


async def _have_hosts_leave(node: str) -> None:
    try:
        await leave_node(node)
    except Exception:  # then they end with the node, and others find that they are gone
        log.exception("drain: the hosts could not be told to leave")


def replicas_on(node: str, details: Mapping[str, Any]) -> list[str]:
    """The deployments of the replicas on a node, one for each replica. details: as Serve's REST API has them."""
    return [
        name
        for application in details.get("applications", {}).values()
        for name, deployment in application["deployments"].items()
        for replica in deployment["replicas"]
        if replica.get("node_id") == node
    ]


def _join() -> str:
    """The id of this machine's node, hex digits."""
    try:
        ray.init(address="auto", namespace=NAMESPACE, log_to_driver=False, logging_level="WARNING")
    except (ConnectionError, RuntimeError) as error:
        raise StartupError(f"No node of a Ray cluster runs on this machine: {error}") from error
    return str(ray.get_runtime_context().get_node_id())


def _is_head(node: str) -> bool:
    nodes = {each["NodeID"]: each for each in ray.nodes() if each["Alive"]}
    if node not in nodes:
        raise StartupError(f"The cluster has no living node {node!r}.")
    return HEAD in nodes[node]["Resources"]


def _draining() -> list[str]:
    """The nodes that are there still and will be gone."""
    return list(_gcs().get_draining_nodes(timeout=GCS_S))


def _gcs() -> Any:
    return ray._raylet.GcsClient(address=ray.get_runtime_context().gcs_address)


def _announce(node: str, gone_at: datetime) -> None:
    accepted, why = _gcs().drain_node(
        node,
        autoscaler_pb2.DrainNodeReason.Value("DRAIN_NODE_REASON_PREEMPTION"),
        "gnosis-ocr drain-node",
        int(gone_at.timestamp() * 1000),
    )
    if not accepted:
        raise StartupError(f"Ray does not let this node be drained: {why}")


def _serve_details() -> dict[str, Any]:
    from ray.serve.context import _get_global_client

    client = _get_global_client(raise_if_no_controller_running=False)
    return {} if client is None else dict(client.get_serve_details())
