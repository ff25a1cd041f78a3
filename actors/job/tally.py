"""A host's tally: pages and jobs that ended in it since its start, and how many pages in the last minute."""

from __future__ import annotations

from collections import Counter, deque

from cluster.clock import Clock
from cluster.record import JobRecord, JobStatus

MINUTE_S = 60.0


class Tally:
    """jobs: how many ended, by status."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seconds: deque[tuple[int, int]] = deque()
        self.pages_completed = 0
        self.pages_failed = 0
        self.jobs: Counter[JobStatus] = Counter()

    def stepped(self, before: JobRecord | None, after: JobRecord | None) -> None:
        """A job's record before and after a step of its machine. What a claim found stored is not counted."""
        if before is None or after is None:
            return
        self.pages_failed += max(0, after.pages_failed - before.pages_failed)
        completed = max(0, after.pages_completed - before.pages_completed)
        if completed:
            self.pages_completed += completed
            self._add(completed)

    def ended(self, status: JobStatus) -> None:
        self.jobs[status] += 1

    @property
    def pages_a_minute(self) -> int:
        """Pages completed within the last minute, to the second."""
        self._forget()
        return sum(pages for _, pages in self._seconds)

    def _add(self, pages: int) -> None:
        second = int(self._clock.monotonic())
        if self._seconds and self._seconds[-1][0] == second:
            pages += self._seconds.pop()[1]
        self._seconds.append((second, pages))
        self._forget()

    def _forget(self) -> None:
        oldest = self._clock.monotonic() - MINUTE_S
        while self._seconds and self._seconds[0][0] <= oldest:
            self._seconds.popleft()
