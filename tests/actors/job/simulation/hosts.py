"""Hosts of a simulation: the real JobHost, each life of it a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from actors.job.callback_policy import CallbackPolicy
from actors.job.callback_port import Callbacks
from actors.job.grouped_calls import GroupedCalls
from actors.job.heartbeat import Heartbeat
from actors.job.job_actor import JobActor
from actors.job.job_host import JobHost
from actors.job.page_gate import PageGate
from actors.job.page_queue import PageBudget
from actors.job.services import Services
from actors.job.state import Policy
from cluster.blobs.port import BlobStore
from tests.actors.job.simulation.history import History
from tests.actors.job.simulation.loop import Process, SimulatedLoop
from tests.actors.job.simulation.pools import Pools
from tests.actors.job.simulation.receivers import Receivers, Sender
from tests.actors.job.simulation.script import Place

START = datetime(2026, 1, 1, tzinfo=UTC)
BEAT_S = 10.0
SWEEP_S = 30.0
CALL_S = 200.0
"""Longer than any process stands still, and than any write is late."""


ENGINE = "simulated"


class ProcessClock:
    """A process's own clock. ahead_s: how far it is from true time; nothing may depend on it."""

    def __init__(self, loop: SimulatedLoop, ahead_s: float) -> None:
        self._loop = loop
        self._ahead_s = ahead_s

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return self._loop.time() + self._ahead_s

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class WatchedHost(JobHost):
    """A JobHost that tells the history of every JobActor that stops."""

    history: History
    process: Process
    loop: SimulatedLoop

    def _on_stop(self, actor: JobActor) -> None:
        self.history.stopped(self.loop.time(), self.process, actor)
        super()._on_stop(actor)


@dataclass(slots=True, eq=False)
class Life:
    """One life of a host process."""

    place: int
    process: Process
    host: WatchedHost
    services: Services


def make_life(
    loop: SimulatedLoop,
    history: History,
    process: Process,
    blobs: BlobStore,
    outside: tuple[Pools, Receivers],
    place: tuple[int, Place],
    slots: frozenset[int],
    at_sweep: Callable[[], Awaitable[None]] | None,
    ahead_s: float,
) -> Life:
    """A host that is not started yet."""
    clock = ProcessClock(loop, ahead_s)
    pools, receivers = outside
    services = Services(
        blobs=blobs,
        clock=clock,
        pool=pools,
        renders=GroupedCalls(pools.render, 1, clock),
        arranges=GroupedCalls(pools.arrange, 1, clock),
        reads={ENGINE: GroupedCalls(pools.recognize, 1, clock)},
        chains={None: (ENGINE,)},
        gate=PageGate({ENGINE: PageBudget(4, 100)}),
        policy=Policy(window=2, call_s=CALL_S),
        max_pages=5000,
        max_megapixels=50,
        callbacks=Callbacks(Sender(receivers, process), CallbackPolicy(most_s=60), receivers.random.random),
    )
    number, at = place
    heartbeat = Heartbeat(blobs, at.cluster, at.name, clock, BEAT_S)
    host = WatchedHost(services, heartbeat, slots, sweep_s=SWEEP_S, beat_s=BEAT_S, at_sweep=at_sweep)
    host.history, host.process, host.loop = history, process, loop
    return Life(number, process, host, services)
