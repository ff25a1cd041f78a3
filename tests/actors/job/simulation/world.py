"""The world of a simulation: hosts over one blob store, and all that can befall them.

A test (or a script, see run.py) makes things happen, lets virtual time pass with ``loop``, and has the history judged.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from random import Random
from uuid import UUID

from cluster import layout
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import to_text
from cluster.errors import BlobError
from cluster.ids import slot_of
from cluster.marker import Marker, Operation, decode_marker
from cluster.record import FileInfo, JobRecord, Tombstone, decode
from tests.actors.job.simulation import judge
from tests.actors.job.simulation.history import Act, History, Request
from tests.actors.job.simulation.hosts import START, Life, make_life
from tests.actors.job.simulation.ingress import Ingress
from tests.actors.job.simulation.loop import Process, SimulatedLoop
from tests.actors.job.simulation.network import Connection, Network, Weather
from tests.actors.job.simulation.pools import Pools
from tests.actors.job.simulation.receivers import Receivers
from tests.actors.job.simulation.script import Place

USER = "reader@example.org"


def make_marker(number: int, random: Random, *, callback: bool) -> Marker:
    """Of a job's acceptance; a higher number is a younger job."""
    milliseconds = int(START.timestamp() * 1000) + number
    bits = (milliseconds << 80) | (0x7 << 76) | (random.getrandbits(12) << 64) | (0b10 << 62) | random.getrandbits(62)
    job_id = str(UUID(int=bits))
    prefix = layout.job_prefix(USER, job_id)
    document = FileInfo("book.pdf", "pdf", 0, layout.raw("", "pdf"), 20)
    options = {"callback_url": f"https://receiver-{number}.example/{number}"} if callback else {}
    return Marker(job_id, Operation.RUN, 1, USER, prefix, document, to_text(START), options)


class World:
    """places: where hosts may live. markers: of so many jobs, as they will be accepted. lives: all that ever began.

    callbacks: the jobs that ask for one.
    """

    def __init__(self, places: Sequence[Place], jobs: int, seed: int = 0, callbacks: Collection[int] = ()) -> None:
        self.history = History()
        self.loop = SimulatedLoop(seed)  # type: ignore[abstract]  # what no simulation uses is not there
        self.store = MemoryBlobStore()
        self.random = Random(seed + 1)
        self.network = Network(self.loop, self.store, self.history, seed + 2)
        self.network.traps.append(self._perhaps_dies)
        self.markers = [make_marker(n, self.random, callback=n in callbacks) for n in range(jobs)]
        self.lives: list[Life] = []
        self.slots = frozenset(slot_of(marker.job_id) for marker in self.markers)
        self.history.watchers.append(self._look_at_what_is_shown)
        self._stored: set[bytes] = set()
        self._places = places
        pools, self._ingress = self.loop.process("pools"), self.loop.process("ingress")
        self.pools = Pools(self.loop, self._connection(pools), pools, self.history, seed + 3)
        self.receivers = Receivers(self.loop, self.history, seed + 4)
        self._client = Ingress(self._connection(self._ingress))

    def _connection(self, process: Process) -> Connection:
        return Connection(self.network, self.history, self.loop, process)

    # ------------------------------------------------------------ hosts

    def begin(
        self,
        place: int = 0,
        slots: frozenset[int] | None = None,
        at_sweep: Callable[[], Awaitable[None]] | None = None,
    ) -> Life:
        """A life of a host begins: it takes an incarnation and recovers what it finds. slots: its own, if not all."""
        at = self._places[place]
        count = 1 + sum(life.place == place for life in self.lives)
        process = self.loop.process(f"{at.cluster}/{at.name}#{count}")
        ahead_s = round(self.random.uniform(0, 10_000), 1)
        blobs = self._connection(process)
        slots = self.slots if slots is None else slots
        outside = self.pools, self.receivers
        life = make_life(self.loop, self.history, process, blobs, outside, (place, at), slots, at_sweep, ahead_s)
        self.lives.append(life)
        self._did(f"{process} begins")
        self.loop.start(process, life.host.start())
        return life

    def living(self, place: int) -> list[Life]:
        return [life for life in self.lives if life.place == place and life.process.alive]

    def kill(self, life: Life, back_after: float | None = None) -> None:
        """kill -9. back_after: seconds until the next life begins, unless one has by then."""
        if not life.process.alive:
            return
        self._did(f"{life.process} is killed")
        self.loop.kill(life.process)
        self.network.killed(life.process)
        if back_after is not None:
            self.loop.outside(back_after, lambda: self.living(life.place) or self.begin(life.place))

    def stall(self, life: Life, seconds: float) -> None:
        """The process stands still; what it has sent goes on."""
        self._did(f"{life.process} stands still for {seconds} s")
        life.process.stalled = True
        self.history.stalls.append((life.process, self.loop.time(), self.loop.time() + seconds))

        def go_on() -> None:
            life.process.stalled = False

        self.loop.outside(seconds, go_on)

    def cut_off(self, life: Life | None, seconds: float) -> None:
        """The host (None: everybody) does not reach the blob store."""
        self._did(f"{life.process if life else 'everybody'} is cut off for {seconds} s")
        until = self.loop.time() + seconds
        if life is None:
            self.network.outage_until = until
        else:
            self.network.away_until[life.process] = until

    def drain(self, life: Life, back_after: float | None = None) -> None:
        """A stop by signal: the host lets go of its jobs, then its process ends."""
        self._did(f"{life.process} is told to drain")

        async def drain_and_end() -> None:
            await life.host.drain()
            self.kill(life, back_after)

        self.loop.start(life.process, drain_and_end())

    def _look_at_what_is_shown(self, act: Act) -> None:
        """What is shown is durable: every version that a host shows of a record has been stored."""
        if act.request.data is not None and act.name.endswith(layout.RECORD):
            self._stored.add(act.request.data)
        for life in self.lives:
            for actor in life.host.jobs.values():
                if actor.shown.data not in self._stored:
                    self.loop.faults.append(f"{life.process} shows of {actor.job_id} what was never stored")

    def _perhaps_dies(self, request: Request) -> None:
        deadly = self.network.weather.deadly
        if deadly and self.random.random() < deadly:
            for life in self.lives:
                if life.process is request.process:
                    self.kill(life, self.random.uniform(0, 20))

    # ------------------------------------------------------------ jobs

    def accept(self, job: int, pages: int, shut: Collection[int] = (), told: int | None = None) -> None:
        """The upload, then the marker, then a call to the host at place ``told``. shut: pages that are not read."""
        marker = self.markers[job]
        self.pools.shut |= {(marker.job_id, page) for page in shut}

        async def accept() -> None:
            await self._client.accept(marker, pages)
            self._tell(marker, told)

        self.loop.start(self._ingress, accept())

    def kill_ingress(self) -> None:
        self._did("the Ingress is killed")
        self.loop.kill(self._ingress)

    def order(self, job: int, operation: Operation, told: int | None = None) -> None:
        marker = self.markers[job]
        self._did(f"{operation} is ordered for {marker.job_id}")

        async def order() -> None:
            await self._client.order(marker, operation)
            self._tell(marker, told)

        self.loop.start(self._ingress, order())

    def _tell(self, marker: Marker, place: int | None) -> None:
        """The Ingress calls the host there, and cares neither whether there is one nor what becomes of the call."""

        async def notified(life: Life) -> None:
            with suppress(BlobError):
                await life.host.notify(marker.job_id)

        if place is not None:
            for life in self.living(place)[-1:]:
                self.loop.start(life.process, notified(life))

    def record(self, job: int) -> JobRecord | Tombstone | None:
        data = self.history.standing.get(layout.record(self.markers[job].prefix))
        return None if data is None else decode(data)

    def writer(self, job: int) -> Process | None:
        """Who wrote the record as it is now."""
        writes = self.history.writes(layout.record(self.markers[job].prefix))
        return writes[-1].request.process if writes else None

    def standing(self, marker: Marker) -> Marker | None:
        """The job's marker as it is now."""
        data = self.history.standing.get(layout.marker(marker.job_id))
        return None if data is None else decode_marker(data)

    def over(self, marker: Marker) -> bool:
        """Whether the job was accepted and its marker is gone."""
        name = layout.marker(marker.job_id)
        return name in self.history.written and name not in self.history.standing

    # ------------------------------------------------------------ time

    def calm(self) -> None:
        """Nothing goes wrong any more, and a host lives at every place."""
        self._did("calm")
        self.network.weather = Weather()
        self.network.away_until.clear()
        self.network.outage_until = 0.0
        self.receivers.refusing = 0.0
        for life in self.lives:
            life.process.stalled = False
        for place in range(len(self._places)):
            if not self.living(place):
                self.begin(place)

    def until(self, condition: Callable[[], bool], limit_s: float, what: str) -> None:
        """Lets time pass until ``condition`` holds; AssertionError saying ``what`` where it does not in time."""
        assert self.loop.run_until(condition, limit_s), what

    def judge(self) -> None:
        """AssertionError where a rule was broken, or an exception was left to nobody."""
        faults = [*self.loop.faults, *map(repr, self.loop.unretrieved())]
        assert not faults, f"faults: {faults}"
        for marker in self.markers:
            judge.judge(self.history, marker)

    def _did(self, what: str) -> None:
        self.history.did(self.loop.time(), what)


@contextmanager
def world(places: Sequence[Place], jobs: int = 1, seed: int = 0, callbacks: Collection[int] = ()) -> Iterator[World]:
    """A world to the end of the block; a failed assertion tells the history."""
    made = World(places, jobs, seed, callbacks)
    try:
        yield made
    except AssertionError as error:
        error.add_note(made.history.tell())
        raise
    finally:
        made.loop.bury()
