"""Which callback is sent next: those whose time has come, receiver by receiver in turn. Pure.

What is active at once is bounded. Of that one receiver has but a few, so that a slow one keeps its own callbacks
waiting and nobody else's.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from dataclasses import dataclass, field

from actors.job.callback import Callback


@dataclass(slots=True)
class Due:
    """attempts: made so far. turn: tells the present place in the queue from those left behind."""

    callback: Callback
    attempts: int = 0
    turn: int = 0
    active: bool = False


@dataclass(slots=True)
class CallbackQueue:
    """most: active at once; most_each: with one receiver. Times are seconds on one scale."""

    most: int = 16
    most_each: int = 4
    _due: dict[str, Due] = field(default_factory=dict)
    _waiting: list[tuple[float, int, str]] = field(default_factory=list)
    _ready: dict[str, deque[tuple[int, str]]] = field(default_factory=dict)
    _active: Counter[str] = field(default_factory=Counter)
    _turns: int = 0

    def __len__(self) -> int:
        return len(self._due)

    def get(self, job_id: str) -> Due | None:
        return self._due.get(job_id)

    def callbacks(self) -> list[Callback]:
        return [due.callback for due in self._due.values()]

    def add(self, callback: Callback, at: float) -> None:
        """In the place of another of the same job, if there is one."""
        self.remove(callback.job_id)
        self._due[callback.job_id] = due = Due(callback)
        self._enqueue(due, at)

    def again(self, job_id: str, at: float, *, tried: bool) -> None:
        """The active one is to be sent again then. tried: the attempt counts."""
        due = self._due[job_id]
        self._rest(due)
        due.attempts += tried
        self._enqueue(due, at)

    def remove(self, job_id: str) -> None:
        due = self._due.pop(job_id, None)
        if due is not None:
            self._rest(due)

    def take(self, now: float) -> list[Callback]:
        """Those to be sent now. They are active until they are queued again or removed."""
        self._make_ready(now)
        taken: list[Callback] = []
        moved = True
        while moved:
            moved = False
            for receiver in list(self._ready):
                if self._active.total() >= self.most:
                    return taken
                if self._active[receiver] >= self.most_each:
                    continue
                due = self._next_of(receiver)
                if due is not None:
                    due.active, moved = True, True
                    self._active[receiver] += 1
                    taken.append(due.callback)
        return taken

    def next_at(self) -> float | None:
        """When the next one that waits for its time is due; None where none does."""
        while self._waiting and not self._present(*self._waiting[0][1:]):
            heapq.heappop(self._waiting)
        return self._waiting[0][0] if self._waiting else None

    def _enqueue(self, due: Due, at: float) -> None:
        self._turns += 1
        due.turn = self._turns
        heapq.heappush(self._waiting, (at, due.turn, due.callback.job_id))

    def _make_ready(self, now: float) -> None:
        while (at := self.next_at()) is not None and at <= now:
            _, turn, job_id = heapq.heappop(self._waiting)
            receiver = self._due[job_id].callback.receiver
            self._ready.setdefault(receiver, deque()).append((turn, job_id))

    def _next_of(self, receiver: str) -> Due | None:
        """The receiver's oldest that is ready; the receiver goes to the end of the line."""
        line = self._ready.pop(receiver)
        while line:
            turn, job_id = line.popleft()
            if self._present(turn, job_id):
                if line:
                    self._ready[receiver] = line
                return self._due[job_id]
        return None

    def _present(self, turn: int, job_id: str) -> bool:
        due = self._due.get(job_id)
        return due is not None and due.turn == turn

    def _rest(self, due: Due) -> None:
        if due.active:
            due.active = False
            receiver = due.callback.receiver
            self._active[receiver] -= 1
            if not self._active[receiver]:
                del self._active[receiver]
