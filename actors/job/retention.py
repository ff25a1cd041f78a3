"""Retention: what nobody is to keep any longer is removed, a little at a time.

Theory of operation. One host of a deployment makes a round now and then. It walks over the users' indexes, oldest job
first, and over the tombstones, oldest day first, and removes:
- jobs that have ended and are older than ``days``: it orders their deletion as a user does, by a marker, so that they
  go the one way that deletions go, on the host of the job's slot;
- uploads a day old that never became a job: an index entry with neither record nor marker;
- tombstones, thirty days after the deletion.
Before all that go resumable uploads that have expired (upload_retention.py).
A job's age counts from its submission, which its id tells; when it ended stands in the record as a text for people, and
texts of time decide nothing. A job that has not ended is left alone, however old.

What is due is known by names alone, so a round reads only the records of jobs that it has not looked at before, or
that are due. Every step may be done twice: two hosts may make the same round at once. A round is slow on purpose, and
waits for a store that is away. Where its process dies, the next takes it up at the job that it had come to, give or
take SAVED_STEPS: however often that happens, a round gets to the tombstones, which come last.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from actors.job.erasure import Erasure
from actors.job.patience import patiently
from actors.job.retention_progress import Progress, load_progress, save_progress
from actors.job.upload_retention import remove_expired_uploads
from cluster import layout
from cluster.audit import AuditEvent, Reason, audit
from cluster.blobs.port import Blob, BlobStore
from cluster.clock import Clock, to_text
from cluster.errors import BlobConflict, BlobCorrupt, BlobNotFound, RecordDamaged, RecordTooNew
from cluster.ids import first_job_id_at, is_job_id
from cluster.marker import encode_marker, marker_of
from cluster.record import JobRecord, Tombstone, decode

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_S, EVERY_S = 60.0, 3600.0
PAUSE_S = 0.05
"""Between two jobs."""

MOST_ORDERS = 5000
"""Deletions of one round: their markers stand for some minutes each, and are listed by every sweep. Once so many are
ordered, no further job that is due is read: the rest comes with the next round."""

UPLOAD_AGE = timedelta(days=1)
TOMBSTONE_AGE = timedelta(days=30)
SAVED_STEPS = 100
"""Jobs looked at and users gone through, counted together, from one saving of the progress to the next."""

_LISTED = 1000


@dataclass(slots=True)
class Round:
    """What a round has done so far."""

    users: int = 0
    deletions_ordered: int = 0
    uploads_removed: int = 0
    uploads_expired: int = 0
    tombstones_removed: int = 0


class Retention:
    """days: None keeps ended jobs for ever. pause_s: after every job that is looked at."""

    def __init__(self, blobs: BlobStore, clock: Clock, days: int | None, *, pause_s: float = PAUSE_S) -> None:
        self._blobs = blobs
        self._clock = clock
        self._days = days
        self._pause_s = pause_s

    async def run(self) -> None:
        """Rounds for ever; one that breaks off is followed by another."""
        await self._clock.sleep(FIRST_S)
        while True:
            try:
                await self.round()
            except Exception:  # whatever stands in the way this time
                log.exception("retention: broken off")
            await self._clock.sleep(EVERY_S)

    async def round(self) -> Round:
        """Of every user the jobs that are due, then those whose upload is old enough to be a job and was not looked at.
        The tombstones come last. A round that was begun before is taken up where it was.
        """
        done = Round()
        now = self._clock.now()
        done.uploads_expired = await remove_expired_uploads(self._blobs, self._clock, now, self._pause_s)
        begun = await self._answer(partial(load_progress, self._blobs))
        until = begun.until or now - UPLOAD_AGE
        due = "" if self._days is None else first_job_id_at(now - timedelta(days=self._days))
        unchecked = max(due, first_job_id_at(begun.checked)), first_job_id_at(until)
        steps = 0
        async for user in self._users(begun.user):
            at = Progress(begun.checked, until, user, begun.job_id if user == begun.user else "")
            async for job_id in self._jobs_to_see(at, due, unchecked, done):
                await self._look_at(user, job_id, done, due=job_id < due)
                at = replace(at, job_id=job_id)
                steps = await self._step(steps, at)
            done.users += 1
            steps = await self._step(steps, at)
        await self._remove_tombstones(now, done)
        await self._answer(partial(save_progress, self._blobs, Progress(checked=until)))
        audit(AuditEvent.RETENTION_ROUND, self._clock.now(), Reason.RETENTION, **asdict(done))
        return done

    async def _step(self, steps: int, progress: Progress) -> int:
        """Counts one step more; every SAVED_STEPS the progress is saved."""
        if (steps + 1) % SAVED_STEPS == 0:
            await self._answer(partial(save_progress, self._blobs, progress))
        return steps + 1

    # ------------------------------------------------------------ jobs

    async def _users(self, first: str) -> AsyncIterator[str]:
        start = layout.USERS + first
        while listed := await self._answer(partial(self._blobs.list, layout.USERS, start, 1)):
            user = layout.user_of(listed[0].name)
            yield user
            start = layout.after_user(user)

    async def _jobs_to_see(self, at: Progress, due: str, unchecked: tuple[str, str], done: Round) -> AsyncIterator[str]:
        """The user's jobs after the last one seen: those that are due, while any may be ordered, and the unchecked."""
        first = at.job_id and f"{at.job_id}\0"
        async for job_id in self._jobs(at.user, first, due):
            if done.deletions_ordered >= MOST_ORDERS:
                break
            yield job_id
        begin, end = unchecked
        async for job_id in self._jobs(at.user, max(first, begin), end):
            yield job_id

    async def _jobs(self, user: str, first: str, end: str) -> AsyncIterator[str]:
        """Job ids in the user's index from ``first`` to before ``end``."""
        folder = layout.index_folder(user)
        start = folder + first
        while first < end:
            listed = await self._answer(partial(self._blobs.list, folder, start, _LISTED))
            for info in listed:
                job_id = info.name.removeprefix(folder)
                if job_id >= end:
                    return
                if is_job_id(job_id):
                    yield job_id
            if len(listed) < _LISTED:
                return
            start = listed[-1].name + "\0"

    async def _look_at(self, user: str, job_id: str, done: Round, *, due: bool) -> None:
        prefix = layout.job_folder(user, job_id)
        try:
            record = _decoded(await self._read(layout.record(prefix)))
        except (RecordDamaged, RecordTooNew, BlobCorrupt) as error:
            log.warning("retention: job %s is left alone: %s", job_id, error.detail)
        else:
            if record is None:
                await self._remove_upload(prefix, done)
            elif due and isinstance(record, JobRecord) and record.terminal:
                await self._order_deletion(record, prefix, done)
        await self._clock.sleep(self._pause_s)

    async def _order_deletion(self, record: JobRecord, prefix: str, done: Round) -> None:
        marker = marker_of(record).deletion(Reason.RETENTION)
        if marker.prefix != prefix:
            log.error("retention: the record in %s tells of another user's job, and is left alone", prefix)
            return
        try:
            await self._answer(partial(self._blobs.create, layout.marker(record.job_id), encode_marker(marker)))
        except BlobConflict:
            return  # an order stands already: what comes of it is for another round
        done.deletions_ordered += 1

    async def _remove_upload(self, prefix: str, done: Round) -> None:
        """There is no record. If there is no marker either, and no record again, there never was, nor will be, a job.

        The record is read again, for the job may have begun and ended in between. A marker in quarantine is a job's.
        """
        user, job_id = layout.parts_of_job_prefix(prefix)
        for name in (layout.marker(job_id), layout.quarantine(job_id), layout.record(prefix)):
            if await self._read(name) is not None:
                return
        await Erasure(self._blobs, self._clock, prefix).run()
        done.uploads_removed += 1
        audit(AuditEvent.UPLOAD_REMOVED, self._clock.now(), Reason.RETENTION, user=user, job_id=job_id)

    # ------------------------------------------------------------ tombstones

    async def _remove_tombstones(self, now: datetime, done: Round) -> None:
        last, start = to_text(now - TOMBSTONE_AGE)[:10], layout.TOMBSTONES
        while listed := await self._answer(partial(self._blobs.list, layout.TOMBSTONES, start, _LISTED)):
            for info in listed:
                try:
                    day, prefix = layout.tombstone_of_entry(info.name)
                    if day >= last:
                        return
                    await self._remove_tombstone(prefix, info.name, done)
                except (ValueError, RecordDamaged, RecordTooNew, BlobCorrupt) as error:
                    log.warning("retention: %s is left alone: %s", info.name, error)
                await self._clock.sleep(self._pause_s)
            start = listed[-1].name + "\0"

    async def _remove_tombstone(self, prefix: str, entry: str, done: Round) -> None:
        """Not before its deletion has ended, marker and all."""
        user, job_id = layout.parts_of_job_prefix(prefix)
        found = await self._read(layout.record(prefix))
        if found is not None:
            if not isinstance(_decoded(found), Tombstone) or await self._read(layout.marker(job_id)) is not None:
                return
            await Erasure(self._blobs, self._clock, prefix).run()
            await self._remove(layout.record(prefix), found.generation)
            done.tombstones_removed += 1
            audit(AuditEvent.TOMBSTONE_REMOVED, self._clock.now(), Reason.RETENTION, user=user, job_id=job_id)
        await self._remove(entry)

    # ------------------------------------------------------------ the store

    async def _answer(self, ask: Callable[[], Awaitable[T]]) -> T:
        return await patiently(self._clock, ask)

    async def _read(self, name: str) -> Blob | None:
        try:
            return await self._answer(partial(self._blobs.read, name))
        except BlobNotFound:
            return None

    async def _remove(self, name: str, generation: int | None = None) -> None:
        try:
            await self._answer(partial(self._blobs.delete, name, generation))
        except (BlobNotFound, BlobConflict):
            log.debug("retention: %s was removed by another", name)


def _decoded(found: Blob | None) -> JobRecord | Tombstone | None:
    """Raises RecordDamaged, RecordTooNew."""
    return None if found is None else decode(found.data)
