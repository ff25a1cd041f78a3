"""Intake: markers that the host does not know yet are read, judged and, where they may be, claimed.

Bounded: so many claims at once, so many live jobs; the others wait here, oldest first (their markers are durable, so
nothing is lost by waiting). A job that was claimed before and did not move is claimed alone, after all others, since it
may be what took its host down.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial

from actors.job.callback import Callback
from actors.job.callback_marker import callback_of, owe_callback
from actors.job.claiming import taken_up
from actors.job.courier import Courier
from actors.job.events import JobClaimed, ResultSummary, TombstoneFound
from actors.job.heartbeat import Heartbeat, OwnerWatch
from actors.job.job_actor import JobActor
from actors.job.ledger import RecordLedger
from actors.job.page_work import read_summaries
from actors.job.patience import patiently
from actors.job.services import Services
from actors.job.verdict import AwaitOwner, Claim, Deliver, EndDeletion, LeaveAlone, Quarantine, RemoveMarker, judge
from cluster import layout
from cluster.blobs.port import Blob, BlobStore
from cluster.errors import BlobConflict, BlobError, BlobNotFound, Fenced, RecordDamaged
from cluster.ids import new_token
from cluster.log_context import logged_as, logged_further
from cluster.marker import Marker, Operation, decode_marker
from cluster.record import JobRecord, JobStatus, PageStatus, Tombstone, encode

log = logging.getLogger(__name__)

CLAIMS_AT_ONCE = 8
SUSPECT_POLL_S = 0.2
ALONE_S = 600.0
"""So long a job that did not move under its last owner is watched alone; one that waits for a pool is no danger."""
CLOSE_S = 5.0


class Intake:
    """jobs: the host's live JobActors. lingering: those of jobs that are deleted but for their markers. courier: gets
    the callbacks that are due. most_live: past so many live ones, further jobs wait. on_linger, on_stop: as a JobActor
    calls them. fenced: how many claims another owner was quicker with.
    """

    def __init__(
        self,
        services: Services,
        heartbeat: Heartbeat,
        watch: OwnerWatch,
        jobs: dict[str, JobActor],
        lingering: Mapping[str, JobActor],
        courier: Courier,
        most_live: int,
        on_linger: Callable[[JobActor], None],
        on_stop: Callable[[JobActor], None],
    ) -> None:
        self._services = services
        self._heartbeat = heartbeat
        self._watch = watch
        self._jobs = jobs
        self._lingering = lingering
        self._courier = courier
        self._most_live = most_live
        self._on_linger = on_linger
        self._on_stop = on_stop
        self._waiting: list[str] = []
        self._ordered: list[str] = []
        self._known: set[str] = set()
        self._undecided: dict[str, asyncio.Event] = {}
        self._suspects: dict[str, None] = {}
        self._claiming = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.awaiting: dict[str, str] = {}
        self.fenced = 0
        self.closed = False

    def add(self, *job_ids: str, ordered: bool = False) -> None:
        """Markers stand for these jobs; nothing happens for those known already, unless they wait to be claimed alone.

        Such a one is looked at again: it may have been told to end, and needs to wait for nobody then. ordered: by a
        user who waits for the answer; such jobs wait for no other, and not for room.
        """
        if ordered:
            self._pass(*job_ids)
        for job_id in job_ids:
            known = job_id in self._known and job_id not in self._suspects
            if not (self.closed or job_id in self._jobs or job_id in self._lingering or known):
                self._suspects.pop(job_id, None)
                self._known.add(job_id)
                heapq.heappush(self._waiting, job_id)
        self.admit()

    def _pass(self, *job_ids: str) -> None:
        for job_id in job_ids:
            if job_id in self._waiting:
                self._waiting.remove(job_id)
                heapq.heapify(self._waiting)
            elif job_id in self._suspects:
                del self._suspects[job_id]
            elif self.closed or job_id in self._jobs or job_id in self._lingering or job_id in self._known:
                continue
            self._known.add(job_id)
            self._ordered.append(job_id)

    def keep_awaiting(self, job_ids: Collection[str]) -> None:
        """Only these have markers: the owners of no others are awaited any more."""
        for job_id in self.awaiting.keys() - job_ids:
            del self.awaiting[job_id]

    async def decided(self, job_id: str, timeout_s: float) -> None:
        """Returns once it is settled what becomes of a known marker (at once of any other), or after ``timeout_s``."""
        if job_id not in self._known:
            return
        event = self._undecided.setdefault(job_id, asyncio.Event())
        try:
            await asyncio.wait_for(event.wait(), timeout_s)
        except TimeoutError:
            log.debug("job %s is still waiting to be claimed", job_id)

    async def close(self) -> None:
        """Claims nothing more; returns once the claims under way are through, at the latest after CLOSE_S."""
        self.closed = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_S)

    def admit(self) -> None:
        """Starts as many of the waiting as there is room for."""
        while self._ordered and not self.closed and self._claiming < CLAIMS_AT_ONCE:
            self._claiming += 1
            self._spawn(self._take(self._ordered.pop(0)))
        while self._waiting and not self.closed and self._room():
            self._claiming += 1
            self._spawn(self._take(heapq.heappop(self._waiting)))
        if self._suspects and not self._waiting and self._claiming == 0 and not self.closed:
            self._claiming += 1
            self._spawn(self._take_alone(self._next_suspect()))

    @property
    def waiting(self) -> int:
        return len(self._waiting) + len(self._ordered) + len(self._suspects)

    def _room(self) -> bool:
        return self._claiming < CLAIMS_AT_ONCE and len(self._jobs) + self._claiming < self._most_live

    def _spawn(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            try:
                await work
            finally:
                self._claiming -= 1
                self.admit()

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, job_id: str) -> None:
        await self._consider(job_id, suspects_too=False)

    def _next_suspect(self) -> str:
        job_id = next(iter(self._suspects))
        del self._suspects[job_id]
        return job_id

    async def _take_alone(self, job_id: str) -> None:
        """Claims a suspect and waits until it has moved or ended, at most ALONE_S."""
        actor = await self._consider(job_id, suspects_too=True)
        clock = self._services.clock
        deadline = clock.monotonic() + ALONE_S
        while actor is not None and not actor.moved and not self.closed and clock.monotonic() < deadline:
            await clock.sleep(SUSPECT_POLL_S)

    async def _consider(self, job_id: str, *, suspects_too: bool) -> JobActor | None:
        with logged_as(job=job_id):
            return await self._judged(job_id, suspects_too=suspects_too)

    async def _judged(self, job_id: str, *, suspects_too: bool) -> JobActor | None:
        """Reads what stands there and acts on it. What can't be decided now is met again at the next sweep."""
        suspect = False
        try:
            blob = await self._services.blobs.read(layout.marker(job_id))
            self._courier.marker_seen(job_id, blob.generation)
            marker = read_marker(job_id, blob)
            logged_further(request=marker.request_id)
            found = await _read_or_none(self._services.blobs, layout.record(marker.prefix))
            dead = frozenset(n for n in self.awaiting.values() if self._watch.stands_still(n))
            verdict = judge(marker, found, self._heartbeat.owner, dead)
            match verdict:
                case Claim(record, released, _):
                    running = marker.operation is Operation.RUN and record.status is not JobStatus.DELETING
                    suspect = running and not released and record.recoveries > 0 and not suspects_too
                    if not suspect and not self.closed:
                        return await self._claim(marker, blob.generation, found, verdict)
                case AwaitOwner(heartbeat):
                    self.awaiting[job_id] = heartbeat
                case Deliver(record, written):
                    self.awaiting.pop(job_id, None)
                    if not self.closed:
                        await self._deliver(marker, blob.generation, record, written=written)
                case EndDeletion(tombstone):
                    self.awaiting.pop(job_id, None)
                    self._end_deletion(marker, blob.generation, tombstone)
                case RemoveMarker():
                    self.awaiting.pop(job_id, None)
                    await self._remove(job_id, blob.generation)
                case Quarantine(reason):
                    await self._quarantine(job_id, blob, reason)
                case LeaveAlone(reason):
                    log.info("job %s is left alone: %s", job_id, reason)
        except BlobNotFound:
            self.awaiting.pop(job_id, None)
            self._courier.marker_seen(job_id, None)
            log.debug("job %s has no marker any more", job_id)
        except RecordDamaged as error:
            await self._quarantine(job_id, blob, error.detail)
        except Fenced:
            self.fenced += 1
            self._services.meter.fenced("claiming")
            log.warning("job %s: fenced, another host's claim was quicker; nothing more is written to it", job_id)
        except BlobError as error:
            log.warning("job %s could not be claimed now: %s", job_id, error.detail)
        except Exception:  # whatever it is, it is this job's alone
            log.exception("job %s could not be considered", job_id)
        finally:
            if suspect:
                self._suspects[job_id] = None
            else:
                self._known.discard(job_id)
                if (event := self._undecided.pop(job_id, None)) is not None:
                    event.set()
        return None

    async def _claim(self, marker: Marker, generation: int, found: Blob | None, verdict: Claim) -> JobActor:
        ledger = self._ledger(marker)
        claimed = await ledger.claim(found, taken_up(verdict.record, marker, blamed=verdict.blamed))
        record = claimed[0]
        logged_further(epoch=record.epoch)
        log.info("job %s claimed, epoch %d", marker.job_id, record.epoch)
        self._services.meter.claimed(recovered=not verdict.released)
        silences = self._heartbeat.silences
        results = await self._results(marker, record) if found and record.status is not JobStatus.DELETING else {}
        if self._heartbeat.silences != silences:
            await ledger.verify()  # taking stock took so long that another host may have claimed the job
        self.awaiting.pop(marker.job_id, None)
        actor = self._actor(marker, generation, ledger, claimed)
        self._jobs[marker.job_id] = actor
        actor.start(JobClaimed(record, marker.operation is Operation.CANCEL, results))
        if self.closed:  # the host lets go of its jobs meanwhile, and did not know of this one
            actor.drain()
        return actor

    async def _deliver(self, marker: Marker, generation: int, record: JobRecord, *, written: bool) -> None:
        """What says something else meanwhile is met again at the next sweep."""
        callback: Callback | None = callback_of(marker, record, generation) if written else None
        if callback is None:
            deliverer, services = f"{self._heartbeat.owner}/{new_token()}", self._services
            callback = await owe_callback(services.blobs, services.clock, marker, generation, record, deliverer)
        if callback is not None:
            self._courier.add(callback)

    def _end_deletion(self, marker: Marker, generation: int, tombstone: Tombstone) -> None:
        """Nothing is claimed: over a tombstone nobody writes."""
        log.info("job %s is deleted but for its marker", marker.job_id)
        claimed = tombstone, encode(tombstone)
        self._actor(marker, generation, self._ledger(marker), claimed).feed(TombstoneFound())

    def _actor(
        self, marker: Marker, generation: int, ledger: RecordLedger, claimed: tuple[JobRecord | Tombstone, bytes]
    ) -> JobActor:
        return JobActor(self._services, marker, generation, ledger, claimed, self._on_linger, self._on_stop)

    def _ledger(self, marker: Marker) -> RecordLedger:
        owner = f"{self._heartbeat.owner}/{new_token()}"
        services = self._services
        return RecordLedger(services.blobs, layout.record(marker.prefix), owner, services.clock, services.meter.saved)

    async def _results(self, marker: Marker, record: JobRecord) -> dict[int, ResultSummary]:
        """Stored results of pages that the record does not show completed: one listing, then what is new is read.

        A record without pages may have results all the same: its last owner died before it had stored the pages.
        Waits while the store is away: the job is ours already, and a page overlooked would be read twice.
        """
        blobs, prefix, start, pages = self._services.blobs, f"{marker.prefix}page_", "", []
        while True:
            listed = await patiently(self._services.clock, partial(blobs.list, prefix, start, 1000))
            for info in listed:
                page = layout.page_of_result(marker.prefix, info.name)
                known = record.pages.get(page) if page is not None else None
                if page is not None and (known is None or known.status is not PageStatus.COMPLETED):
                    pages.append(page)
            if len(listed) < 1000:
                return await read_summaries(self._services, marker.prefix, pages)
            start = listed[-1].name + "\0"

    async def _remove(self, job_id: str, generation: int) -> None:
        try:
            await self._services.blobs.delete(layout.marker(job_id), generation)
        except (BlobNotFound, BlobConflict):
            log.debug("job %s: its marker has changed meanwhile", job_id)
        except BlobError as error:
            log.warning("job %s: its marker could not be removed now: %s", job_id, error.detail)

    async def _quarantine(self, job_id: str, marker: Blob, reason: str) -> None:
        log.error("job %s goes to quarantine: %s", job_id, reason)
        try:
            await self._services.blobs.create(layout.quarantine(job_id), marker.data)
        except BlobConflict:
            log.debug("job %s is in quarantine already", job_id)
        except BlobError as error:
            log.warning("job %s could not be put in quarantine now: %s", job_id, error.detail)
            return
        await self._remove(job_id, marker.generation)


def read_marker(job_id: str, blob: Blob) -> Marker:
    """The job's marker; RecordDamaged where it is unreadable, or tells of another job or another job's folder."""
    marker = decode_marker(blob.data)
    if marker.job_id != job_id or marker.prefix != layout.job_prefix(marker.user_email, job_id):
        raise RecordDamaged(f"The marker names {marker.prefix[:200]!r}, which is not where its job lies.")
    return marker


async def _read_or_none(blobs: BlobStore, name: str) -> Blob | None:
    try:
        return await blobs.read(name)
    except BlobNotFound:
        return None
