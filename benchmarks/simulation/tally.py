"""What is counted in a simulated cluster: pages, times, writes, and how evenly jobs that wait are served."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from benchmarks.simulation.load import Coming
from cluster.record import JobRecord, JobStatus

SPELL_S = 60
"""Over so long it is looked how many pages of each waiting job are read."""


class Tally:
    """pages: by how they ended. jobs: by status. took_s: of each job, by its kind. page_s: of each page, from its job's
    coming on. attempts: of all pages."""

    def __init__(self) -> None:
        self.pages: Counter[str] = Counter()
        self.jobs: Counter[JobStatus] = Counter()
        self.took_s: dict[str, list[float]] = defaultdict(list)
        self.page_s: list[float] = []
        self.attempts = 0
        self.steps = 0
        self.step_s = 0.0
        self._records: Counter[int] = Counter()
        self._results: Counter[int] = Counter()
        self._served: dict[int, Counter[str]] = defaultdict(Counter)
        self._waited: dict[int, set[str]] = {}

    def stepped(self, seconds: float) -> None:
        """seconds: of this machine's processor."""
        self.steps += 1
        self.step_s += seconds

    def moved(self, coming: Coming, before: JobRecord | None, after: JobRecord | None, now: float) -> None:
        """A job's record before and after a step."""
        if before is None or after is None:
            return
        read = after.pages_completed - before.pages_completed
        for _ in range(read):
            self.page_s.append(now - coming.at)
        if read > 0:
            self._served[int(now // SPELL_S)][coming.job_id] += read

    def wrote(self, now: float, *, record: bool) -> None:
        (self._records if record else self._results)[int(now)] += 1

    def waiting(self, now: float, jobs: set[str]) -> None:
        """These have pages that wait for their turn, at the beginning of a spell."""
        self._waited[int(now // SPELL_S)] = jobs

    def ended(self, coming: Coming, record: JobRecord, now: float) -> None:
        self.jobs[record.status] += 1
        self.took_s[coming.kind].append(now - coming.at)
        for page in record.pages.values():
            self.pages[page.status] += 1
            self.attempts += page.attempts

    @property
    def record_writes(self) -> int:
        return self._records.total()

    @property
    def writes(self) -> int:
        return self._records.total() + self._results.total()

    def most_writes_a_second(self) -> int:
        """Of records and results together, in the busiest second."""
        return max((self._records + self._results).values(), default=0)

    def fairness(self) -> float:
        """Jain's index of the pages read in a minute, over jobs that had pages waiting all through it: 1 is even.

        Minutes count by how many such jobs there were. NaN where there never were two.
        """
        weighed = total = 0.0
        for spell, jobs in self._waited.items():
            staying = jobs & self._waited.get(spell + 1, set())
            if len(staying) > 1:
                served = [self._served[spell][job] for job in staying]
                squares = sum(pages * pages for pages in served)
                if squares:
                    weighed += sum(served) ** 2 / squares
                    total += len(served)
        return weighed / total if total else math.nan
