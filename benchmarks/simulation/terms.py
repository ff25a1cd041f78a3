"""What a simulated cluster is like, and what goes wrong there."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """replicas: the most OCR replicas; there are none at the start. Times in seconds.

    batch: pages; batch_s: what a full one takes, and start_s what a node and its replica take to come up. jitter: of
    both, and of all other times, as a share (lognormal). render_s: of one page. store_s: of a write. alive_s, spot_s:
    how long a replica lives on average until it crashes, or its node is taken away. fails: the share of readings that
    the engine fails. jobs_a_replica, pages_a_job: the load; busy: pages that come over the whole time, as a share of
    what all replicas could read. seed: of all chance.
    """

    replicas: int = 100
    batch: int = 8
    batch_s: float = 8.0
    start_s: float = 120.0
    jitter: float = 0.2
    render_s: float = 0.1
    store_s: float = 0.05
    alive_s: float = 4 * 3600.0
    spot_s: float = 3600.0
    fails: float = 0.005
    jobs_a_replica: int = 100
    pages_a_job: int = 20
    busy: float = 0.6
    up_s: float = 2.0
    down_s: float = 60.0
    seed: int = 1

    @property
    def jobs(self) -> int:
        return self.replicas * self.jobs_a_replica

    @property
    def pages(self) -> int:
        return self.jobs * self.pages_a_job

    @property
    def hosts(self) -> int:
        """One for every 25 replicas."""
        return math.ceil(self.replicas / 25)

    @property
    def renderers(self) -> int:
        """The most that there may be: half as many again as are needed to keep up."""
        return max(1, math.ceil(1.5 * self.replicas * self.render_s * self.batch / self.batch_s))

    @property
    def coming_s(self) -> float:
        """From the first job's coming to the last one's."""
        return self.pages * self.batch_s / self.batch / self.replicas / self.busy
