"""Ray's bring-up: a local cluster with its dashboard, or the one that RAY_ADDRESS names.

Ray's own switches are set here, explicitly, before it is imported: its defaults change between versions.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cluster.errors import StartupError
from cluster.front_door import FrontDoor, open_front_door
from cluster.ray_processes import without_needless_processes
from cluster.settings import Settings

NAMESPACE = "gnosis-ocr"

ENVIRONMENT = {
    "RAY_AUTH_MODE": "disabled",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_SERVE_RUN_USER_CODE_IN_SEPARATE_THREAD": "0",
    "RAY_SERVE_RUN_ROUTER_IN_SEPARATE_LOOP": "0",
    "RAY_SERVE_LOG_TO_STDERR": "0",
    "RAY_worker_niceness": "0",
    "RAY_core_worker_rpc_server_reconnect_timeout_base_s": "0",
    "RAY_grpc_client_check_connection_status_interval_milliseconds": "20",
    "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": "serve_app.proxy_problems.middlewares",
    "RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "1",
    "RAY_SERVE_CONTROL_LOOP_INTERVAL_S": "0.15",
    "RAY_SERVE_CONTROLLER_CALLBACK_IMPORT_PATH": "serve_app.ray_controller.ask_for_nodes_seldom",
    "RAY_SERVE_METRICS_EXPORT_INTERVAL_MS": "2000",
    "RAY_task_events_report_interval_ms": "0",
    "RAY_event_stats": "0",
    "REPORTER_UPDATE_INTERVAL_MS": "5000",
    "MALLOC_ARENA_MAX": "2",
}
"""What every process of a cluster is started with, unless the caller's environment says otherwise.

Ray's own niceness, 15, would let any program beside us starve hosts and engines: heartbeats late, recovery in half a
minute. A replica whose answer does not get through asks after 20 ms whether its caller has died; by Ray's defaults
after a second or two, in which its event loop stands still (WaitAllObjectsReported in Ray's generator_waiter.cc), for
one answer after the other: a killed JobHost leaves dozens of them, and its next life waited behind for half a minute.
A proxy is asked every second whether it lives, and replaced when it failed three times; by default every ten.
The metrics' interval makes an idle cluster cost less than it would: on a laptop that is the engine's time. The
controller's turns cost little (serve_app/ray_controller.py), so there are more of them than Serve needs at rest: each
step from a lost replica to the next one is a turn. Ray's list of finished calls, of which GCS would keep the last
100,000, is not kept: it grows by hundreds of megabytes an hour under load, and nothing here reads it. Nor are Ray's
statistics of its own events, which each of its processes keeps at every turn of every loop; the figures of a node are
taken every five seconds.

Of the two or three dozen threads of a Ray process most have a heap of their own by glibc's default. What one thread
frees of another's leaves holes, by which a host under load grew without end; with two heaps they are filled again.
"""

LOOPBACK_SWITCH = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""``0``: Ray knows this machine as 127.0.0.1 and listens nowhere else. Windows and macOS have it so by default.

Whoever reaches Ray's own ports can have the cluster run anything, so a cluster of one machine keeps them to itself.
"""

OBJECT_STORE_BYTES = 512 * 1024 * 1024
"""A local cluster's shared memory for page images in flight."""


@dataclass(frozen=True, slots=True)
class ClusterInfo:
    """local: started by us, to be stopped by us. dashboard: its address, None where there is none.

    door: where requests come in.
    """

    local: bool
    dashboard: str | None
    door: FrontDoor


def prepare_environment() -> None:
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def start_or_join(settings: Settings, *, dashboard: bool = True) -> ClusterInfo:
    """Joins the cluster of RAY_ADDRESS, else starts a local one. StartupError says what stands in the way."""
    prepare_environment()
    address = os.environ.get("RAY_ADDRESS")
    if address:
        return _join(address, settings)
    _check_shared_memory()
    os.environ.setdefault(LOOPBACK_SWITCH, "0")
    door = open_front_door(settings, Path(_temp_folder()))
    try:
        return _start(settings, door, dashboard)
    except BaseException:
        door.close()
        raise


def _start(settings: Settings, door: FrontDoor, dashboard: bool) -> ClusterInfo:
    import ray

    try:
        with without_needless_processes():
            context = ray.init(
                address="local",
                namespace=NAMESPACE,
                num_cpus=max(2, os.cpu_count() or 1),
                object_store_memory=OBJECT_STORE_BYTES,
                include_dashboard=dashboard,
                dashboard_host="127.0.0.1",
                dashboard_port=settings.dashboard_port,
                log_to_driver=False,
                logging_level="WARNING",
                _temp_dir=_temp_folder(),
            )
    except Exception as error:
        raise StartupError(f"The local Ray cluster could not be started: {error}") from error
    url = str(context.dashboard_url or "")
    return ClusterInfo(local=True, dashboard=f"http://{url}" if url else None, door=door)


def _join(address: str, settings: Settings) -> ClusterInfo:
    if settings.proxy != "auto":
        raise StartupError(
            f"GNOSIS_PROXY is {settings.proxy!r}, but on the cluster of RAY_ADDRESS its own environment decides; "
            "leave it 'auto'."
        )
    import ray

    try:
        context = ray.init(address=address, namespace=NAMESPACE, log_to_driver=False, logging_level="WARNING")
    except Exception as error:
        raise StartupError(f"RAY_ADDRESS is {address!r}, but that cluster can't be joined: {error}") from error
    check_store_is_shared(settings)
    url = str(context.dashboard_url or "")
    return ClusterInfo(local=False, dashboard=f"http://{url}" if url else None, door=FrontDoor(settings.host))


def check_store_is_shared(settings: Settings) -> None:
    """On the cluster that this process is connected to. StartupError: its nodes don't all reach the store."""
    import ray

    nodes = [node for node in ray.nodes() if node["Alive"]]
    if settings.store.startswith("file://") and len(nodes) > 1:
        raise StartupError(
            f"GNOSIS_STORE is {settings.store!r}, a folder of one machine, but the cluster has {len(nodes)} nodes: "
            "set it to a store that all of them reach."
        )


def differing_switches() -> list[str]:
    """Ray's switches that the cluster of this process was started with, where they are not ours, a line each."""
    found = {name: os.environ.get(name) for name in ENVIRONMENT}
    return [
        f"{name} {'unset' if value is None else value} in place of {ENVIRONMENT[name]}"
        for name, value in found.items()
        if value != ENVIRONMENT[name]
    ]


def _temp_folder() -> str:
    """Ray's session folder: short, since it holds Unix sockets, whose paths may have 107 bytes."""
    return os.environ.get("GNOSIS_RAY_TEMP_DIR") or str(Path(tempfile.gettempdir()) / f"gnosis-ocr-{os.getuid()}")


def _check_shared_memory() -> None:
    shared = Path("/dev/shm")
    if shared.is_dir() and shutil.disk_usage(shared).free < OBJECT_STORE_BYTES:
        # Ray falls back to files on disk then, which is slower but right.
        os.environ.setdefault("RAY_OBJECT_STORE_ALLOW_SLOW_STORAGE", "1")


def is_on_loopback() -> bool:
    """Whether nothing of the cluster but the API may listen beyond this machine; in every process of the cluster."""
    return os.environ.get(LOOPBACK_SWITCH) == "0"


def cluster_id() -> str:
    """The Ray cluster's own id, as hex digits: another one after every start of the cluster."""
    from ray._private.worker import global_worker

    return str(global_worker.gcs_client.cluster_id.hex())


async def named_actors() -> list[str]:
    """Names of the living named actors of our namespace."""
    import ray.util

    actors = await asyncio.to_thread(ray.util.list_named_actors, True)
    return [actor["name"] for actor in actors if actor["namespace"] == NAMESPACE]


async def named_actors_on(node: str) -> list[str]:
    """Names of the named actors, of any namespace, that are up on a node (its id, hex digits); none that restarts."""
    from ray._private.state import state

    table = await asyncio.to_thread(state.actor_table, None, None)
    return [
        actor["Name"]
        for actor in table.values()
        if actor["Name"] and actor["State"] == "ALIVE" and actor["Address"]["NodeID"] == node
    ]


def stop(cluster: ClusterInfo) -> None:
    import ray

    ray.shutdown()
    cluster.door.close()
