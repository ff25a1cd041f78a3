"""JobHosts as Ray actors: detached and named, so that they outlive who started them and are found by name."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Any

import ray
from ray.actor import exit_actor

from actors.job.demand import Demand
from actors.job.grouped_calls import GroupedCalls
from actors.job.heartbeat import Heartbeat
from actors.job.job_host import DRAIN_S, JobHost
from actors.job.page_gate import PageGate
from actors.job.page_queue import PageBudget
from actors.job.retention import Retention
from actors.job.services import Services
from actors.job.shown import Shown
from actors.job.state import Policy
from actors.job.watchdog import Watchdog
from cluster.blobs.metered import MeteredBlobStore
from cluster.blobs.open import open_store
from cluster.clock import Clock, SystemClock
from cluster.freed_memory import trim_forever
from cluster.ids import SLOTS
from cluster.meter import Meter
from cluster.ray_cluster import NAMESPACE, OBJECT_STORE_BYTES, cluster_id, named_actors, named_actors_on
from cluster.ray_metrics import metered_process
from cluster.settings import Settings
from cluster.telemetry import start_logging
from cluster.tracing import start_tracing
from serve_app.callback_settings import callbacks_of
from serve_app.engine_settings import engine_chains, engine_names, pool_shape
from serve_app.host_names import PREFIX, host_name, is_host
from serve_app.placement import on_cpu_nodes
from serve_app.process_memory import own_memory_mb
from serve_app.ray_pools import RayOcrPool, RayRenderPool

log = logging.getLogger(__name__)

BYTES_A_PIXEL = 3
STORE_SHARE = 0.5
"""The share of Ray's object store that page images in flight may take."""

LEFT = 71
"""Exit status of a host that left its node: not zero, or Ray would take it for an end for good."""
FAILED = 70
"""Of one that could not start."""

DRAIN_CALL_S = 2 * DRAIN_S
LEAVING_POLL_S = 0.2
CALLS = 10_000
"""Calls that a host takes at once: every watch of every Ingress replica is one. Not by concurrency groups: Ray gives
each group an event loop in a thread of its own, and a host's objects belong to one loop."""


def host_of_slot(slot: int, hosts: int) -> int:
    return slot % hosts


LEAST_PAGES = 8
"""Pages of a pool in flight at the least: with an engine that reads page by page, some are rendered ahead."""


def page_budgets(settings: Settings) -> dict[str, PageBudget]:
    """For each pool, enough pages that it stays full at its largest while results are on their way, bounded by the
    object store, which the pools share."""
    engines = engine_names(settings)
    megapixels = STORE_SHARE * OBJECT_STORE_BYTES / BYTES_A_PIXEL / 1e6 * settings.ocr_range.most
    share = megapixels / settings.job_hosts / len(engines)

    def budget(engine: str) -> PageBudget:
        pages = max(LEAST_PAGES, pool_shape(engine, settings).in_flight) // settings.job_hosts
        return PageBudget(max(2, pages), share)

    return {engine: budget(engine) for engine in engines}


def build_host(settings: Settings, version: str, number: int, clock: Clock, meter: Meter) -> JobHost:
    """The host as a plain object, its ports filled."""
    blobs = MeteredBlobStore(open_store(settings.store), meter, clock)
    render = RayRenderPool(settings.render_range.most, clock)
    pools = {engine: RayOcrPool(engine) for engine in engine_names(settings)}
    services = Services(
        blobs=blobs,
        clock=clock,
        pool=render,
        renders=GroupedCalls(render.render, settings.render_range.most, clock),
        arranges=GroupedCalls(render.arrange, settings.render_range.most, clock),
        reads={engine: GroupedCalls(pool.recognize, settings.ocr_range.most, clock) for engine, pool in pools.items()},
        chains=engine_chains(settings),
        gate=PageGate(page_budgets(settings)),
        policy=Policy(formats=settings.format_names),
        max_pages=settings.max_pages,
        max_megapixels=settings.max_page_megapixels,
        callbacks=callbacks_of(settings, clock),
        process_meter=meter,
    )
    name = host_name(version, number)
    host = JobHost(
        services,
        Heartbeat(blobs, cluster_id(), name, clock, settings.heartbeat_seconds),
        frozenset(slot for slot in range(SLOTS) if host_of_slot(slot, settings.job_hosts) == number),
        sweep_s=settings.sweep_seconds,
        beat_s=settings.heartbeat_seconds,
        at_sweep=lambda: drain_elders(version),
        retention=Retention(blobs, clock, settings.retention_days) if number == 0 else None,
    )
    services.meter.watch(host, services.gate)
    return host


class RayJobHost:
    """The actor: Ray runs its constructor again after every restart, and so the recovery."""

    def __init__(self, settings: Settings, version: str, number: int) -> None:
        start_logging()
        clock = SystemClock()
        start_tracing("JobHost")
        meter = metered_process("JobHost", clock, own_memory_mb)
        self._host = build_host(settings, version, number, clock, meter)
        self._watchdog = Watchdog(clock).start()
        self._trimming = asyncio.get_running_loop().create_task(trim_forever(clock))
        self._started = asyncio.get_running_loop().create_task(self._host.start())
        self._started.add_done_callback(end_where_failed)

    async def adopt(self, job_id: str) -> None:
        await self._started
        await self._host.adopt(job_id)

    async def notify(self, job_id: str) -> None:
        await self._started
        await self._host.notify(job_id)

    async def status(self, job_id: str) -> Shown | None:
        return self._host.status(job_id)

    async def watch(self, job_id: str, etag: str, timeout_s: float, until_end: bool, ahead: int | None) -> Shown | None:
        return await self._host.watch(job_id, etag, timeout_s, until_end=until_end, ahead=ahead)

    async def info(self) -> dict[str, float]:
        return {**self._host.info(), "memory_mb": round(own_memory_mb(), 1)}

    async def demand(self) -> Demand:
        return self._host.demand()

    async def drain(self) -> None:
        """Lets go of all jobs, then ends the process for good."""
        await self._host.drain()
        exit_actor()

    async def leave(self, node: str) -> bool:
        """Where this is the node: lets go of all jobs and ends this life. Ray begins the next one on another node,
        since that one is being drained, and until then any other cluster's host may claim the jobs. Else False."""
        if ray.get_runtime_context().get_node_id() != node:
            return False
        await self._host.drain()
        os._exit(LEFT)


def end_where_failed(started: asyncio.Task[None]) -> None:
    """Ends this life of a host that could not start: it would answer, and do nothing. Ray begins another."""
    if not started.cancelled() and (error := started.exception()) is not None:
        log.critical("the host could not start", exc_info=error)
        os._exit(FAILED)


def start_hosts(settings: Settings, version: str) -> list[Any]:
    """Starts this deployment's hosts where they don't run yet; returns their handles."""
    actor = ray.remote(RayJobHost)
    return [
        actor.options(
            name=host_name(version, number),
            namespace=NAMESPACE,
            lifetime="detached",
            get_if_exists=True,
            max_restarts=-1,
            max_concurrency=CALLS,
            num_cpus=0.1,
            resources=on_cpu_nodes(settings),
        ).remote(settings, version, number)
        for number in range(settings.job_hosts)
    ]


async def drain_elders(version: str) -> None:
    """Tells the hosts of earlier deployments to let go and end; versions are UUIDv7, so the earlier sorts first."""
    for name in await named_actors():
        elder, _, _ = name.removeprefix(f"{PREFIX}-").rpartition("-")
        if is_host(name) and elder < version:
            log.info("host: telling %s to drain", name)
            await _drain(name)


async def drain_all() -> None:
    """Drains every host of the cluster, whatever its version."""
    names = [name for name in await named_actors() if is_host(name)]
    await asyncio.gather(*(_drain(name) for name in names))


async def leave_node(node: str) -> None:
    """Has every host that lives on the node (its id, hex digits) let go of its jobs and begin anew elsewhere.

    Returns once none is there. Not only the calls tell: where there is no elsewhere they are never answered.
    """
    calls = [asyncio.create_task(_leave(name, node)) for name in await _hosts_on(node)]
    try:
        while any(not call.done() for call in calls) and await _hosts_on(node):
            await asyncio.wait(calls, timeout=LEAVING_POLL_S)
    finally:
        for call in calls:
            call.cancel()


async def _hosts_on(node: str) -> list[str]:
    return [name for name in await named_actors_on(node) if is_host(name)]


async def _leave(name: str, node: str) -> None:
    try:
        async with asyncio.timeout(DRAIN_CALL_S):
            await (await asyncio.to_thread(ray.get_actor, name, NAMESPACE)).leave.remote(node)
    except (ValueError, ray.exceptions.RayActorError):
        log.info("host: %s has left the node", name)
    except TimeoutError:
        log.warning("host: %s does not leave the node", name)


async def _drain(name: str) -> None:
    """Bounded, so that a host that hangs keeps nobody from sweeping; it is told again at the next sweep."""
    try:
        async with asyncio.timeout(DRAIN_CALL_S):
            await (await asyncio.to_thread(ray.get_actor, name, NAMESPACE)).drain.remote()
    except (ValueError, ray.exceptions.RayActorError):
        log.debug("host: %s is gone", name)
    except TimeoutError:
        log.warning("host: %s does not drain", name)
