"""Faults on order: what a test may ask the in-memory blob store to do wrong, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

READS = frozenset({"read", "read_range", "open_read", "list"})
WRITES = frozenset({"create", "replace", "put", "put_stream", "delete"})


class FaultKind(StrEnum):
    UNAVAILABLE = "unavailable"  # no answer, and nothing was done
    LOST_ANSWER = "lost_answer"  # done, but the caller is told BlobUnavailable
    LATE = "late"  # the caller is told BlobUnavailable; done when the test lands it
    THROTTLED = "throttled"
    FORBIDDEN = "forbidden"
    CORRUPT = "corrupt"  # of reads: what came back does not match its checksum
    SLOW = "slow"  # waits for the fault's gate, then goes on (into other faults too)


@dataclass(slots=True)
class Fault:
    """Strikes the next ``count`` operations (None: all) whose kind and name match.

    operation: a method of the port, ``*`` for all. name: a pattern of fnmatch (``*`` also matches ``/``); for ``list``
    it is held against the prefix. gate: opened by the test, for SLOW.
    """

    operation: str
    name: str
    kind: FaultKind
    count: int | None = 1
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    hits: int = 0

    def __post_init__(self) -> None:
        if self.operation != "*" and self.operation not in READS | WRITES:
            raise ValueError(f"the blob store has no operation {self.operation!r}")
        if self.kind is FaultKind.CORRUPT and self.operation not in READS - {"list"}:
            raise ValueError("only the reading of a blob can be corrupt")
        if self.kind is FaultKind.LATE and self.operation not in WRITES:
            raise ValueError("only a write can land late")

    def strikes(self, operation: str, name: str) -> bool:
        if self.count is not None and self.hits >= self.count:
            return False
        return self.operation in ("*", operation) and fnmatchcase(name, self.name)


class Faults:
    """The faults that were ordered, in order; the first that matches strikes."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self._ordered.append(fault)
        return fault

    def clear(self) -> None:
        self._ordered.clear()

    def strike(self, operation: str, name: str, kinds: Collection[FaultKind]) -> Fault | None:
        """The fault of ``kinds`` that strikes this operation, one of its hits used up; or None."""
        for fault in self._ordered:
            if fault.kind in kinds and fault.strikes(operation, name):
                fault.hits += 1
                return fault
        return None


@dataclass(slots=True)
class LateWrite:
    """A write whose caller was told BlobUnavailable, still on its way."""

    operation: str
    name: str
    apply: Callable[[], int]

    def land(self) -> int:
        """Applies it now, its precondition held against what stands now; returns the generation (a delete: of what it
        removed). BlobConflict, BlobNotFound."""
        return self.apply()
