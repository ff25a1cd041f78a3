"""The double itself: operations under one lock, with outages, faults, counts and a log around them."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum

from tests.cloud_storage.exchange import RESET, Answer, Refusal, Request
from tests.cloud_storage.faults import AFTER, BEFORE, CloudFault, CloudFaults, FaultKind
from tests.cloud_storage.objects import Bucket, Generations
from tests.cloud_storage.operations import Operation, Operations
from tests.cloud_storage.upload_sessions import CHUNK_MULTIPLE, UploadSessions
from tests.cloud_storage.write_limit import WriteLimit

LOG_LENGTH = 200_000

_REFUSED = {
    FaultKind.UNAVAILABLE: Refusal(503, "backendError", "The service is unavailable (ordered)."),
    FaultKind.THROTTLED: Refusal(429, "rateLimitExceeded", "Reduce your rate (ordered)."),
    FaultKind.FORBIDDEN: Refusal(403, "forbidden", "The caller has no permission storage.objects.* here (ordered)."),
    FaultKind.UNAUTHORIZED: Refusal(401, "authError", "Invalid credentials (ordered)."),
    FaultKind.LOST_ANSWER: Refusal(503, "backendError", "The answer was lost (ordered)."),
}


class Outage(StrEnum):
    UNAVAILABLE = "unavailable"  # everything answers 503
    RESET = "reset"  # every connection is reset


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation. status: as answered, 0 where the connection was reset. generation: written, read or removed; else
    0. at: seconds since the double was made."""

    number: int
    at: float
    operation: str
    name: str
    status: int
    generation: int


class CloudDouble:
    """outage: everything is refused while it is set. operations: how many of each kind came, refused ones too.

    most_at_once: operations under way at the same moment.
    """

    def __init__(
        self,
        buckets: tuple[str, ...] = ("bucket",),
        *,
        enforce_limit: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.outage: Outage | None = None
        self.faults = CloudFaults()
        self.limit = WriteLimit(monotonic, enforced=enforce_limit)
        self.sessions = UploadSessions()
        self.operations: Counter[str] = Counter()
        self._log: deque[Entry] = deque(maxlen=LOG_LENGTH)
        self.most_at_once = 0
        self.stopping = threading.Event()
        generations = Generations()
        self.buckets = {name: Bucket(name, generations, self.limit.take) for name in buckets}
        self._operations = Operations(self.buckets, self.sessions)
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._started = monotonic()
        self._at_once = 0
        self._number = 0

    def fail(
        self, operation: str, name: str, kind: FaultKind, count: int | None = 1, *, skip: int = 0, seconds: float = 0.0
    ) -> CloudFault:
        """Orders a fault: the next ``count`` operations (None: all) on names like ``name`` go wrong."""
        return self.faults.add(CloudFault(operation, name, kind, count, skip, seconds))

    def answer(self, request: Request) -> Answer:
        """What the client gets. Called from the server's threads."""
        try:
            operation = self._operations.find(request)
        except Refusal as refusal:
            return self._logged("unknown", request.path, refusal.answer())
        with self._counted(operation):
            return self._logged(operation.kind, operation.name, self._with_faults(operation, len(request.body)))

    def _with_faults(self, operation: Operation, size: int) -> Answer:
        if self.outage is not None:
            return RESET if self.outage is Outage.RESET else _REFUSED[FaultKind.UNAVAILABLE].answer()
        slow = self._strike(operation, (FaultKind.SLOW,))
        if slow is not None:
            self.stopping.wait(slow.seconds)
        before = self._strike(operation, BEFORE)
        if before is not None:
            return RESET if before.kind is FaultKind.RESET_BEFORE else _REFUSED[before.kind].answer()
        partial = self._strike(operation, (FaultKind.PARTIAL,))
        if partial is not None and operation.partly is not None:
            keep = size // 2 // CHUNK_MULTIPLE * CHUNK_MULTIPLE
            partly = operation.partly
            return self._act(lambda: partly(keep))
        answer = self._act(operation.act)
        after = self._strike(operation, AFTER)
        return answer if after is None else self._spoilt(answer, after)

    def _act(self, act: Callable[[], Answer]) -> Answer:
        with self._lock:
            try:
                return act()
            except Refusal as refusal:
                return refusal.answer()

    def _strike(self, operation: Operation, kinds: tuple[FaultKind, ...]) -> CloudFault | None:
        return self.faults.strike(operation.kind, operation.name, kinds)

    def _spoilt(self, answer: Answer, fault: CloudFault) -> Answer:
        match fault.kind:
            case FaultKind.RESET_AFTER:
                return RESET
            case FaultKind.SLOW_ANSWER:
                self.stopping.wait(fault.seconds)
                return answer
            case FaultKind.TRUNCATED:
                return replace(answer, cut=len(answer.body) // 2)
            case FaultKind.CORRUPT:
                return replace(answer, body=bytes([answer.body[0] ^ 1]) + answer.body[1:])
            case _:
                return _REFUSED[fault.kind].answer()

    def entries(self) -> list[Entry]:
        """The log as it is now."""
        with self._lock:
            return list(self._log)

    @contextmanager
    def _counted(self, operation: Operation) -> Iterator[None]:
        with self._lock:
            self.operations[operation.kind] += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1

    def _logged(self, operation: str, name: str, answer: Answer) -> Answer:
        with self._lock:
            self._number += 1
            at = self._monotonic() - self._started
            self._log.append(Entry(self._number, at, operation, name, answer.status, answer.generation))
        return answer
