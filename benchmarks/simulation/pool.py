"""A pool of replicas in virtual time: they start, read in batches, are lost, and are scaled by the product's rule.

A page goes to the less busy of two replicas drawn at random, as Serve's router does, and waits for one with room where
none has any. A replica that is to go takes no more and finishes what it has.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random

from actors.ocr.batch_queue import BatchQueue, Place, WaitUntil
from actors.ocr.engine import BatchLimits
from benchmarks.simulation.agenda import Agenda
from serve_app.replica_scaling import ReplicaScaler, ScalingTerms


@dataclass(eq=False, slots=True)
class Call:
    """One page for a replica, or a document. work_s: what it takes alone, where that is its own to say; None: the
    pool's time of a batch. answered(lost, announced): once it was done, or its replica was lost."""

    job_id: str
    answered: Callable[[bool, bool], None]
    alone: bool = False
    work_s: float | None = None


@dataclass(frozen=True, slots=True)
class PoolTerms:
    """batch: pages. batch_s: of a full batch; one page alone takes half of that. calls: that one replica takes."""

    batch: int
    batch_s: float
    calls: int
    start_s: float
    jitter: float
    alive_s: float
    spot_s: float


@dataclass(slots=True)
class Ledger:
    """Seconds of all replicas: paid, from the order to the end; working. batches: done, and the pages in them."""

    paid_s: float = 0.0
    working_s: float = 0.0
    batches: int = 0
    pages: int = 0
    crashed: int = 0
    preempted: int = 0
    most: int = 0
    targets: list[tuple[float, int]] = field(default_factory=list)


class Replica:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._terms = pool.terms
        self._queue: BatchQueue[Call] = BatchQueue(BatchLimits(self._terms.batch, 1 << 40, 20))
        self._batch: list[Call] = []
        self._looks_at = math.inf
        self._held = 0
        self.up = False
        self.gone = False
        self.leaving = False
        self.since = pool.agenda.now
        pool.agenda.after(pool.drawn(self._terms.start_s), self._started)

    def __len__(self) -> int:
        return self._held

    @property
    def has_room(self) -> bool:
        return self.up and not self.leaving and len(self) < self._terms.calls

    def take(self, call: Call) -> None:
        self._held += 1
        self._queue.add(call, 1, self._pool.agenda.now, Place(call.job_id, 0, call.alone))
        self._work()

    def leave(self) -> None:
        self.leaving = True
        if not len(self):
            self._end()

    def _started(self) -> None:
        if self.gone:
            return
        self.up = True
        for mean, announced in ((self._terms.alive_s, False), (self._terms.spot_s, True)):
            if mean < math.inf:
                lives = self._pool.random.expovariate(1 / mean)
                self._pool.agenda.after(lives, partial(self._lost, announced))
        self._pool.fill()

    def _work(self) -> None:
        now = self._pool.agenda.now
        if self._batch or self.gone:
            return
        taken = self._queue.take(now)
        if isinstance(taken, WaitUntil):
            if taken.time < self._looks_at or self._looks_at <= now:
                self._looks_at = taken.time
                self._pool.agenda.at(taken.time, self._work)
        elif taken:
            self._batch = taken
            fill = 0.5 + 0.5 * (len(taken) - 1) / max(1, self._terms.batch - 1)
            own = [call.work_s for call in taken if call.work_s is not None]
            seconds = self._pool.drawn(sum(own) if own else self._terms.batch_s * fill)
            self._pool.agenda.after(seconds, lambda: self._done(taken, seconds))

    def _done(self, batch: list[Call], seconds: float) -> None:
        if self.gone:
            return
        ledger = self._pool.ledger
        ledger.working_s += seconds
        ledger.batches += 1
        ledger.pages += len(batch)
        self._batch = []
        self._held -= len(batch)
        self._queue.device_freed(self._pool.agenda.now)
        for call in batch:
            call.answered(False, False)
        self._pool.fill()
        self._work()
        if self.leaving and not len(self):
            self._end()

    def _lost(self, announced: bool) -> None:
        if self.gone:
            return
        self._pool.ledger.preempted += announced
        self._pool.ledger.crashed += not announced
        calls = list(self._batch)
        self._held = 0
        while len(self._queue):
            calls += self._queue.take_in(len(self._queue), empty=True)
        self._batch = []
        self._end()
        for call in calls:
            call.answered(True, announced)

    def _end(self) -> None:
        if not self.gone:
            self.gone = True
            self._pool.ended(self)


class Pool:
    """scaling: the product's rule, whose least there are from the first moment on, and come up."""

    def __init__(self, agenda: Agenda, random: Random, terms: PoolTerms, scaling: ScalingTerms) -> None:
        self.agenda = agenda
        self.random = random
        self.terms = terms
        self.ledger = Ledger()
        self._scaler = ReplicaScaler(scaling)
        self._replicas: list[Replica] = []
        self._waiting: deque[Call] = deque()
        self._target = scaling.least
        self._replace()

    def __len__(self) -> int:
        """Calls that are not answered yet."""
        return len(self._waiting) + sum(len(replica) for replica in self._replicas)

    @property
    def replicas(self) -> int:
        """That are up."""
        return sum(replica.up for replica in self._replicas)

    def drawn(self, seconds: float) -> float:
        """About so many, a lognormal draw with this mean."""
        sigma = self.terms.jitter
        return seconds * self.random.lognormvariate(-sigma * sigma / 2, sigma)

    def submit(self, call: Call) -> None:
        self._waiting.append(call)
        self.fill()

    def fill(self) -> None:
        """Calls that wait go to replicas with room."""
        while self._waiting:
            drawn = [self.random.choice(self._replicas) for _ in range(2)] if self._replicas else []
            free = [replica for replica in drawn if replica.has_room]
            free = free or [replica for replica in self._replicas if replica.has_room]
            if not free:
                return
            min(free, key=len).take(self._waiting.popleft())

    def scale(self, pages: float) -> None:
        """One look of the policy. pages: the demand."""
        target = self._scaler.decide(pages, self._target, self.agenda.now)
        if target != self._target:
            self.ledger.targets.append((self.agenda.now, target))
        self._target = target
        self._replace()

    def ended(self, replica: Replica) -> None:
        self._replicas.remove(replica)
        self.ledger.paid_s += self.agenda.now - replica.since

    def close(self) -> None:
        """The end: all that run are paid for until now."""
        self.ledger.paid_s += sum(self.agenda.now - replica.since for replica in self._replicas)
        self._replicas.clear()

    def _replace(self) -> None:
        staying = [replica for replica in self._replicas if not replica.leaving]
        for _ in range(self._target - len(staying)):
            self._replicas.append(Replica(self))
        # Those go first that are not up yet, then the least busy.
        for replica in sorted(staying, key=lambda one: (one.up, len(one)))[: max(0, len(staying) - self._target)]:
            replica.leave()
        self.ledger.most = max(self.ledger.most, self.replicas)
