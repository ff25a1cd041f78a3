"""Faults on order: what a test may ask the double to do wrong, to which operation, on which name, and how often."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from threading import Lock

OPERATIONS = frozenset(
    {"upload", "start", "chunk", "question", "give_up", "metadata", "download", "list", "delete", "bucket"}
)
"""upload: in one request. start, chunk, question (how far?), give_up: of a resumable one."""


class FaultKind(StrEnum):
    UNAVAILABLE = "unavailable"  # 503, and nothing was done
    LOST_ANSWER = "lost_answer"  # done, but the answer is 503
    RESET_BEFORE = "reset_before"  # the connection is reset, and nothing was done
    RESET_AFTER = "reset_after"  # done, but the connection is reset
    SLOW = "slow"  # done after so many seconds, then on to other faults
    SLOW_ANSWER = "slow_answer"  # done at once, answered after so many seconds
    THROTTLED = "throttled"  # 429
    FORBIDDEN = "forbidden"  # 403
    UNAUTHORIZED = "unauthorized"  # 401
    TRUNCATED = "truncated"  # half of the body, then the connection ends
    CORRUPT = "corrupt"  # of a download: one byte is another
    PARTIAL = "partial"  # of a chunk: the first half of it is taken in


BEFORE = (
    FaultKind.UNAVAILABLE,
    FaultKind.RESET_BEFORE,
    FaultKind.THROTTLED,
    FaultKind.FORBIDDEN,
    FaultKind.UNAUTHORIZED,
)
AFTER = (
    FaultKind.LOST_ANSWER,
    FaultKind.RESET_AFTER,
    FaultKind.SLOW_ANSWER,
    FaultKind.TRUNCATED,
    FaultKind.CORRUPT,
)


@dataclass(slots=True)
class CloudFault:
    """Strikes the next ``count`` operations (None: all) whose kind and object match, after ``skip`` others did.

    operation: one of OPERATIONS, ``*`` for all. name: a pattern of fnmatch over the object's name (of a list: over its
    prefix). seconds: for SLOW and SLOW_ANSWER.
    """

    operation: str
    name: str
    kind: FaultKind
    count: int | None = 1
    skip: int = 0
    seconds: float = 0.0
    hits: int = 0

    def __post_init__(self) -> None:
        if self.operation != "*" and self.operation not in OPERATIONS:
            raise ValueError(f"the double knows no operation {self.operation!r}")
        if self.kind is FaultKind.CORRUPT and self.operation != "download":
            raise ValueError("only a download can be corrupt")
        if self.kind is FaultKind.PARTIAL and self.operation != "chunk":
            raise ValueError("only a chunk can be taken in partly")

    def matches(self, operation: str, name: str) -> bool:
        return self.operation in ("*", operation) and fnmatchcase(name, self.name)


class CloudFaults:
    """The faults that were ordered; the first that matches strikes."""

    def __init__(self) -> None:
        self._ordered: list[CloudFault] = []
        self._lock = Lock()

    def add(self, fault: CloudFault) -> CloudFault:
        with self._lock:
            self._ordered.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._ordered.clear()

    def strike(self, operation: str, name: str, kinds: Collection[FaultKind]) -> CloudFault | None:
        """The fault of ``kinds`` that strikes this operation, one of its hits used up; or None."""
        with self._lock:
            for fault in self._ordered:
                if fault.kind not in kinds or not fault.matches(operation, name):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                elif fault.count is None or fault.hits < fault.count:
                    fault.hits += 1
                    return fault
        return None
