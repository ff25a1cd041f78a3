"""The JobHost: where the JobActors of some slots live.

A host that starts, for the first time or the tenth, recovers the unfinished jobs of its slots from the blob store:
recovery is the normal start. The sweep repeats it, finds markers that nobody told of, and orders given meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from actors.job.courier import Courier
from actors.job.demand import Demand, demand_of
from actors.job.heartbeat import Heartbeat, OwnerWatch
from actors.job.intake import Intake, read_marker
from actors.job.job_actor import JobActor
from actors.job.ledger import BACKOFF_S
from actors.job.retention import Retention
from actors.job.services import Services
from actors.job.shown import Shown
from cluster import layout
from cluster.errors import BlobError, BlobNotFound, RecordDamaged
from cluster.ids import slot_of
from cluster.record import TERMINAL

log = logging.getLogger(__name__)

MOST_LIVE = 2000
VERIFY_AFTER_S = 60.0
DRAIN_S = 20.0
NOTIFY_S = 5.0
LISTINGS_AT_ONCE = 8
VERIFIED_AT_ONCE = 8
SWEEP_AGAIN_S = 5.0
"""Until a sweep is tried again that could not list everything."""


class JobHost:
    """slots: those whose jobs live here. sweep_s, beat_s: seconds between sweeps, between looks at other hosts.

    at_sweep: called at start and at every sweep, to tell older hosts to go. retention: run here, by one host of all.
    """

    def __init__(
        self,
        services: Services,
        heartbeat: Heartbeat,
        slots: frozenset[int],
        *,
        sweep_s: float,
        beat_s: float,
        at_sweep: Callable[[], Awaitable[None]] | None = None,
        retention: Retention | None = None,
        most_live: int = MOST_LIVE,
    ) -> None:
        self._services = services
        self._heartbeat = heartbeat
        self._slots = slots
        self._sweep_s = sweep_s
        self._beat_s = beat_s
        self._at_sweep = at_sweep
        self._retention = retention
        self._watch = OwnerWatch(beat_s)
        self._tasks: set[asyncio.Task[None]] = set()
        self._fenced = 0
        self._silences = 0
        self.jobs: dict[str, JobActor] = {}
        self.lingering: dict[str, JobActor] = {}
        self.courier = Courier(services, lambda job_id: self.intake.add(job_id))
        self.intake = Intake(
            services,
            heartbeat,
            self._watch,
            self.jobs,
            self.lingering,
            self.courier,
            most_live,
            on_linger=self._on_linger,
            on_stop=self._on_stop,
        )

    async def start(self) -> None:
        """Takes an incarnation and recovers. Waits for the blob store as long as it takes."""
        while True:
            try:
                await self._heartbeat.start()
                break
            except BlobError as error:
                log.warning("host: the blob store does not answer yet: %s", error.detail)
                await self._services.clock.sleep(1.0)
        for loop in (
            self._heartbeat.run(self._on_silence, self._on_heard_again),
            self._sweep_forever(),
            self._look_forever(),
            self.courier.run(),
        ):
            self._spawn(loop)
        if self._retention is not None:
            self._spawn(self._retention.run())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ------------------------------------------------------------ what the Ingress asks

    async def adopt(self, job_id: str) -> None:
        """A new marker stands."""
        if slot_of(job_id) in self._slots:
            self.intake.add(job_id)

    async def notify(self, job_id: str) -> None:
        """The job's marker was replaced by an order."""
        if job_id not in self.jobs:
            if slot_of(job_id) in self._slots:
                self.intake.add(job_id, ordered=True)
            await self.intake.decided(job_id, NOTIFY_S)  # it may be claimed by the marker that the order replaced
        for pause in BACKOFF_S:
            if job_id not in self.jobs or await self._read_order(job_id):
                return
            await self._services.clock.sleep(pause)

    def status(self, job_id: str) -> Shown | None:
        actor = self.jobs.get(job_id)
        return None if actor is None else actor.shown

    async def watch(
        self, job_id: str, etag: str, timeout_s: float, *, until_end: bool = False, ahead: int | None = None
    ) -> Shown | None:
        """The record once it is another than ``etag`` (and terminal), or after ``timeout_s``; None: not a job of ours.

        ahead: also once more pages than so many have a stored result that the record does not tell of yet.
        A job that is not known yet is looked for: whoever watches a job just accepted may come before its adoption.
        """
        begun = self._services.clock.monotonic()
        if job_id not in self.jobs:
            await self.adopt(job_id)
            await self.intake.decided(job_id, timeout_s)
        actor = self.jobs.get(job_id)
        left = timeout_s - (self._services.clock.monotonic() - begun)
        return None if actor is None else await actor.watch(etag, left, until_end=until_end, ahead=ahead)

    def info(self) -> dict[str, int]:
        """Counts of now, of the last minute (pages_a_minute), and since the host's start.

        The last are jobs_fenced (lost to another owner, running or being claimed), pages_completed, pages_failed, the
        jobs by how they ended, callbacks_delivered, callbacks_failed (attempts) and callbacks_given_up.
        """
        tally = self._services.tally
        return {
            "jobs": len(self.jobs),
            "jobs_waiting": self.intake.waiting,
            "jobs_lingering": len(self.lingering),
            "jobs_fenced": self._fenced + self.intake.fenced,
            "pages_in_flight": self._services.gate.in_flight,
            "pages_waiting": self._services.gate.waiting,
            "pages_completed": tally.pages_completed,
            "pages_failed": tally.pages_failed,
            "pages_a_minute": tally.pages_a_minute,
            **{f"jobs_{status}": tally.jobs[status] for status in sorted(TERMINAL)},
            "callbacks_due": self.courier.due,
            "callbacks_delivered": self.courier.counts.delivered,
            "callbacks_failed": self.courier.counts.failed,
            "callbacks_given_up": self.courier.counts.given_up,
        }

    def demand(self) -> Demand:
        """Pages that each pool has before it, as far as jobs here have them."""
        return demand_of((actor.state for actor in self.jobs.values()), self._services.flow)

    async def drain(self) -> None:
        """Lets go of every job, then of every callback, and stops; another host can claim them at once.

        Bounded by DRAIN_S and what the courier takes.
        """
        await self.intake.close()
        self.courier.close()
        for actor in list(self.jobs.values()):
            actor.drain()
        for _ in range(int(DRAIN_S / 0.05)):
            if not self.jobs:
                break
            await self._services.clock.sleep(0.05)
        for actor in list(self.lingering.values()):
            actor.drain()
        await self.courier.drain()
        for task in self._tasks:
            task.cancel()
        if not self.jobs:
            await self._heartbeat.stop()

    # ------------------------------------------------------------ sweeping

    async def sweep(self) -> None:
        """Every marker of the host's slots, with its generation: unknown jobs, oldest first, and new orders."""
        await self._tell_elders()
        markers, failure = await self._list_markers()
        known = {job_id for job_id, generation in markers.items() if self.courier.knows(job_id, generation)}
        self.intake.add(*sorted(markers.keys() - self.jobs.keys() - known))
        if failure is None:
            self.intake.keep_awaiting(markers.keys())
        for job_id, generation in markers.items():
            actor = self.jobs.get(job_id)
            if actor is not None and actor.marker_seen != generation:
                await self._read_order(job_id)
        now = self._services.clock.monotonic()
        await self._verify([a for a in self.jobs.values() if now - a.saved_at > VERIFY_AFTER_S])
        if failure is not None:
            raise failure

    async def _tell_elders(self) -> None:
        try:
            if self._at_sweep is not None:
                await self._at_sweep()
        except Exception:  # whatever is wrong with the elders, orders are found by the sweep alone
            log.exception("sweep: the elder hosts could not be told to go")

    async def _list_markers(self) -> tuple[dict[str, int], BlobError | None]:
        """The generation of every marker of the slots that could be listed, and why others could not."""
        places = asyncio.Semaphore(LISTINGS_AT_ONCE)

        async def list_slot(slot: int) -> dict[str, int] | BlobError:
            async with places:
                try:
                    return await self._list_slot(slot)
                except BlobError as error:
                    return error

        markers: dict[str, int] = {}
        failure: BlobError | None = None
        for listed in await asyncio.gather(*(list_slot(slot) for slot in sorted(self._slots))):
            if isinstance(listed, BlobError):
                failure = listed
            else:
                markers |= listed
        return markers, failure

    async def _list_slot(self, slot: int) -> dict[str, int]:
        prefix, start = layout.markers_of_slot(slot), ""
        markers: dict[str, int] = {}
        while True:
            listed = await self._services.blobs.list(prefix, start, 1000)
            markers |= {info.name.removeprefix(prefix): info.generation for info in listed}
            if len(listed) < 1000:
                return markers
            start = listed[-1].name + "\0"

    async def _read_order(self, job_id: str) -> bool:
        """False where the store did not answer, so that the order is still to be read."""
        try:
            blob = await self._services.blobs.read(layout.marker(job_id))
            marker = read_marker(job_id, blob)
        except (BlobNotFound, RecordDamaged) as error:
            log.debug("job %s: no order to read (%s)", job_id, error.detail)
            return True
        except BlobError as error:
            log.warning("job %s: its order could not be read yet: %s", job_id, error.detail)
            return False
        actor = self.jobs.get(job_id)
        if actor is not None:
            actor.order(marker, blob.generation)
        return True

    async def _sweep_forever(self) -> None:
        while True:
            pause_s = self._sweep_s
            try:
                await self.sweep()
            except BlobError as error:
                log.warning("sweep: the blob store does not answer: %s", error.detail)
                pause_s = min(pause_s, SWEEP_AGAIN_S)
            except Exception:  # whatever else goes wrong, the next sweep must come: lost orders are found by it alone
                log.exception("sweep: broken off")
            await self._services.clock.sleep(pause_s)

    async def _look_forever(self) -> None:
        """Looks at the heartbeats of hosts that own jobs of our slots; those that stand still lose them."""
        while True:
            await self._services.clock.sleep(self._beat_s)
            try:
                await self._look()
            except Exception:  # or no owner would be seen to stand still any more
                log.exception("the heartbeats of other hosts could not be looked at")

    async def _look(self) -> None:
        awaiting = self.intake.awaiting
        names = set(awaiting.values())
        self._watch.forget(names)
        for name in sorted(names):
            await self._watch.look(self._services.blobs, name, self._services.clock)
        for job_id, name in list(awaiting.items()):
            if self._watch.stands_still(name):
                self.intake.add(job_id)

    # ------------------------------------------------------------ staying the owner

    def _on_silence(self) -> None:
        """Others may claim our jobs: no page of one is started before its record was read again."""
        self._silences += 1
        self._services.gate.hold(self.jobs)

    def _on_heard_again(self) -> None:
        self._spawn(self._verify_held(self._silences))

    async def _verify_held(self, silence: int) -> None:
        def verified(actor: JobActor) -> None:
            if self._silences == silence:  # else it is held anew
                self._services.gate.free(actor.job_id)

        await self._verify(list(self.jobs.values()), verified)

    async def _verify(self, actors: list[JobActor], verified: Callable[[JobActor], None] | None = None) -> None:
        places = asyncio.Semaphore(VERIFIED_AT_ONCE)

        async def verify(actor: JobActor) -> None:
            async with places:
                await actor.verify()
            if verified is not None:
                verified(actor)

        await asyncio.gather(*(verify(actor) for actor in actors))

    def _on_linger(self, actor: JobActor) -> None:
        """Nothing but its marker is left of the job: it takes no place among the live ones."""
        if self.jobs.get(actor.job_id) is actor:
            del self.jobs[actor.job_id]
            self._services.gate.free(actor.job_id)
        self.lingering[actor.job_id] = actor
        self.intake.admit()

    def _on_stop(self, actor: JobActor) -> None:
        self._fenced += actor.fenced
        if self.jobs.get(actor.job_id) is actor:
            del self.jobs[actor.job_id]
            self._services.gate.free(actor.job_id)
        if self.lingering.get(actor.job_id) is actor:
            del self.lingering[actor.job_id]
        if actor.callback is not None:
            self.courier.add(actor.callback)
        if actor.marker_replaced:
            self.intake.add(actor.job_id)
        self.intake.admit()
