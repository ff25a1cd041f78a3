"""The count of what users take up: whose jobs have not ended, and how many pages each user's day has had.

Nothing of it is stored. At the start, and in rounds, the jobs that have not ended are those whose markers stand; in
between the Ingress tells what it accepts. Nobody tells when a job ends: that is looked up for a user who has no place
left, before the next job is refused. So a message that is lost, or a count that was lost whole, is made good from the
blob store.
"""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.clock import Clock
from cluster.errors import BlobCorrupt, BlobError, BlobNotFound, DocumentError, QuotaExceeded, RequestError, TooManyJobs
from cluster.ids import SLOTS
from cluster.marker import Marker, Operation, decode_marker
from cluster.record import JobRecord, decode
from serve_app.day_pages import READ_AT_ONCE, DayPages
from serve_app.limits import Limits

ROUND_S = 30.0
LOOK_S = 0.5
"""A user's jobs, and pages, are looked up no more often."""

KEPT_S = 900.0
"""A place is kept so long for a job whose marker does not stand; one that comes later gets its place all the same."""

RETRY_AFTER_S = 5
MOST_CHECKED = 256
_LISTED = 1000
_COUNTED = frozenset({Operation.RUN, Operation.CANCEL})
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _User:
    """open: job ids, each with the time until which its place is kept, None once its marker was seen."""

    open: dict[str, float | None] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    jobs_looked_at: float = -math.inf
    day: DayPages | None = None
    day_looked_at: float = -math.inf


class UsageCount:
    """A Usage, once ``run`` has looked around; until then ``admit`` waits."""

    def __init__(self, store: BlobStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._users: dict[str, _User] = {}
        self._passed_over: set[tuple[str, int]] = set()
        self._ready = asyncio.Event()

    async def run(self) -> None:
        """Rounds, for ever."""
        while True:
            try:
                await self.round()
                self._ready.set()
            except BlobError as error:
                log.warning("usage: the round broke off: %s", error.detail)
            except Exception:
                log.exception("usage: the round broke off")
            await self._clock.sleep(ROUND_S if self._ready.is_set() else 1)

    # ------------------------------------------------------------ what the Ingress asks and tells

    async def admit(self, email: str, job_id: str, limits: Limits) -> RequestError | None:
        await self._ready.wait()
        user = self._user(email)
        if limits.pages_a_day is not None:
            day = await self._day(user, email)
            if day.total >= limits.pages_a_day:
                return self._quota_exceeded(limits.pages_a_day, day.total)
        if limits.jobs_at_once is not None and self._full(user, job_id, limits.jobs_at_once):
            await self._drop_ended(user)
            if self._full(user, job_id, limits.jobs_at_once):
                return _too_many_jobs(limits.jobs_at_once)
        user.open.setdefault(job_id, self._clock.monotonic() + KEPT_S)
        if user.day is not None:
            user.day.reserve(job_id)
        return None

    async def begun(self, email: str, job_id: str) -> None:
        user = self._user(email)
        user.open[job_id] = None
        if user.day is not None:
            user.day.settle_reservation(job_id, kept=True)

    async def released(self, email: str, job_id: str) -> None:
        user = self._user(email)
        if user.open.get(job_id) is not None:
            del user.open[job_id]
        if user.day is not None:
            user.day.settle_reservation(job_id, kept=False)

    async def deleted(self, email: str, job_id: str, pages: int) -> None:
        (await self._day(self._user(email), email)).learn(job_id, pages)

    def open_jobs(self, email: str) -> list[str]:
        return list(self._user(email).open)

    # ------------------------------------------------------------ one user

    def _user(self, email: str) -> _User:
        return self._users.setdefault(email.lower(), _User())

    def _full(self, user: _User, job_id: str, most: int) -> bool:
        return job_id not in user.open and len(user.open) >= most

    async def _drop_ended(self, user: _User) -> None:
        """One look at a time: who waited for another's takes what that has found."""
        async with user.lock:
            if self._clock.monotonic() - user.jobs_looked_at < LOOK_S:
                return
            user.jobs_looked_at = self._clock.monotonic()
            self._drop_unkept(user)
            standing = [job_id for job_id, kept in user.open.items() if kept is None][:MOST_CHECKED]
            for at in range(0, len(standing), READ_AT_ONCE):
                some = standing[at : at + READ_AT_ONCE]
                for job_id, ended in zip(some, await asyncio.gather(*map(self._ended, some)), strict=True):
                    if ended:
                        user.open.pop(job_id, None)
                    elif job_id in user.open:
                        user.open[job_id] = user.open.pop(job_id)  # looked at again after all others

    def _drop_unkept(self, user: _User) -> None:
        now = self._clock.monotonic()
        for job_id in [job_id for job_id, kept in user.open.items() if kept is not None and kept <= now]:
            del user.open[job_id]

    async def _ended(self, job_id: str) -> bool:
        """By its marker, and where that stands still, by its record: the marker goes a moment after the last save."""
        try:
            marker = await self._marker(job_id)
            if marker is None or marker.operation not in _COUNTED:
                return True
            record = decode((await self._store.read(layout.record(marker.prefix))).data)
        except (BlobError, DocumentError):  # no record yet, or nobody can tell
            return False
        return not isinstance(record, JobRecord) or (record.terminal and record.run >= marker.run)

    async def _day(self, user: _User, email: str) -> DayPages:
        async with user.lock:
            today = self._today()
            if user.day is None or user.day.day != today:
                user.day, user.day_looked_at = DayPages(self._store, email, today), -math.inf
            if self._clock.monotonic() - user.day_looked_at >= LOOK_S:
                user.day_looked_at = self._clock.monotonic()
                try:
                    await user.day.refresh()
                except BlobError as error:
                    log.warning("usage: a user's pages could not be looked up: %s", error.detail)
            return user.day

    def _quota_exceeded(self, most: int, used: int) -> QuotaExceeded:
        left = self._today() + timedelta(days=1) - self._clock.now()
        detail = f"The day's {most} pages are used up ({used} were sent); the next day begins at 00:00 UTC."
        return QuotaExceeded(detail, retry_after_s=max(1, math.ceil(left.total_seconds())))

    def _today(self) -> datetime:
        return self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0)

    # ------------------------------------------------------------ all users

    async def round(self) -> None:
        """The jobs that have not ended are those whose markers stand. BlobError."""
        seen_before = {job_id for user in self._users.values() for job_id, kept in user.open.items() if kept is None}
        standing: dict[str, int] = {}
        for markers in await asyncio.gather(*(self._markers(slot) for slot in range(SLOTS))):
            standing |= markers
        unknown = [
            job_id
            for job_id, generation in standing.items()
            if job_id not in seen_before and (job_id, generation) not in self._passed_over
        ]
        for at in range(0, len(unknown), READ_AT_ONCE):
            await asyncio.gather(
                *(self._take_up(job_id, standing[job_id]) for job_id in unknown[at : at + READ_AT_ONCE])
            )
        self._passed_over &= set(standing.items())
        gone = seen_before - standing.keys()
        self._forget(gone)

    def _forget(self, gone: set[str]) -> None:
        """gone: jobs whose markers stood once, and don't now. Users of whom nothing is left to tell go as well."""
        today = self._today()
        for email, user in list(self._users.items()):
            for job_id in gone & user.open.keys():
                del user.open[job_id]
            self._drop_unkept(user)
            if not user.open and not user.lock.locked() and (user.day is None or user.day.day != today):
                del self._users[email]

    async def _markers(self, slot: int) -> dict[str, int]:
        """Job ids with their markers' generations."""
        folder = layout.markers_of_slot(slot)
        found: dict[str, int] = {}
        start = folder
        while True:
            listed = await self._store.list(folder, start, _LISTED)
            found |= {info.name.removeprefix(folder): info.generation for info in listed}
            if len(listed) < _LISTED:
                return found
            start = listed[-1].name + "\0"

    async def _take_up(self, job_id: str, generation: int) -> None:
        try:
            marker = await self._marker(job_id)
        except BlobCorrupt:
            return  # perhaps on its way only: the next round reads it again
        except DocumentError:
            marker = None
        if marker is not None and marker.operation in _COUNTED:
            await self.begun(marker.user_email, job_id)
        else:
            self._passed_over.add((job_id, generation))

    async def _marker(self, job_id: str) -> Marker | None:
        try:
            return decode_marker((await self._store.read(layout.marker(job_id))).data)
        except BlobNotFound:
            return None


def _too_many_jobs(most: int) -> TooManyJobs:
    detail = f"{most} of your jobs have not ended, as many as you may have at once; wait until one has."
    return TooManyJobs(detail, retry_after_s=RETRY_AFTER_S)
