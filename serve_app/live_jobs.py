"""The jobs under watch in this Ingress: one watch for each, shared by all who ask, wait or listen.

Those that somebody waits for are as many as requests; of those that were only asked for now and then, a bounded number
is kept, the latest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from cluster.clock import Clock
from serve_app.found import Found
from serve_app.gateway import Gateway
from serve_app.identity import Identity
from serve_app.live_job import Demand, LiveJob

MOST_WATCHED = 512
MOST_BYTES = 32 << 20
"""How many jobs, and how many bytes of records, are watched for mere questions."""


class LiveJobs:
    """read: finds a job's record in the store."""

    def __init__(self, gateway: Gateway, clock: Clock, read: Callable[[Identity, str], Awaitable[Found]]) -> None:
        self._gateway = gateway
        self._clock = clock
        self._read = read
        self._jobs: dict[str, LiveJob] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def shown(self, job_id: str) -> Found | None:
        """The record that the host shows now, where it is under watch; it may be another user's."""
        job = self._jobs.get(job_id)
        if job is None or not job.fresh:
            return None
        job.touch()
        return job.view.found

    def keep(self, caller: Identity, found: Found, *, held: bool) -> None:
        """Somebody has asked for a live job, and may ask again. held: a host showed it."""
        job = self._jobs.get(found.record.job_id)
        if job is None:
            if not self._room(len(found.data)):
                return
            job = self._start(caller, found, held)
        job.offer(found)
        job.touch()
        if held:
            job.confirm(found)

    def offer(self, found: Found) -> None:
        """The record was found elsewhere."""
        job = self._jobs.get(found.record.job_id)
        if job is not None:
            job.offer(found)

    def doubt(self, job_id: str) -> None:
        """The job was found to be deleted."""
        job = self._jobs.get(job_id)
        if job is not None:
            job.doubt()

    @contextmanager
    def listening(self, caller: Identity, found: Found, demand: Demand) -> Iterator[LiveJob]:
        """The job, watched at least until the end of the block."""
        job = self._jobs.get(found.record.job_id) or self._start(caller, found, held=False)
        job.offer(found)
        del found  # whoever listens for long keeps nothing but what all share
        job.add(demand)
        try:
            yield job
        finally:
            job.remove(demand)

    def _start(self, caller: Identity, found: Found, held: bool) -> LiveJob:
        job = LiveJob(caller, found, held, self._gateway, self._clock, self._read, self._ended)
        self._jobs[job.job_id] = job
        return job

    def _ended(self, job: LiveJob) -> None:
        if self._jobs.get(job.job_id) is job:
            del self._jobs[job.job_id]

    def _room(self, size: int) -> bool:
        """Makes room for one more, by letting go of those that were asked for longest ago."""
        count, held = len(self._jobs) + 1, size + sum(job.size for job in self._jobs.values())
        for job in sorted((job for job in self._jobs.values() if job.idle), key=lambda job: job.asked_at):
            if count <= MOST_WATCHED and held <= MOST_BYTES:
                break
            job.close()
            self._ended(job)
            count, held = count - 1, held - job.size
        return count <= MOST_WATCHED and held <= MOST_BYTES
