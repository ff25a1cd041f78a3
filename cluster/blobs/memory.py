"""The blob store in memory: for tests, in one process, with faults on order and a log of what was done.

Every operation yields to the event loop before and after it acts, so that concurrent tasks interleave as they would
over a network; the act itself is one step.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from cluster.blobs.faults import Fault, FaultKind, Faults, LateWrite
from cluster.blobs.names import check_at_least_one, check_name, check_prefix, check_range
from cluster.blobs.port import Blob, BlobInfo
from cluster.errors import BlobConflict, BlobCorrupt, BlobForbidden, BlobNotFound, BlobThrottled, BlobUnavailable

_SLOW = (FaultKind.SLOW,)
_BEFORE = (FaultKind.UNAVAILABLE, FaultKind.THROTTLED, FaultKind.FORBIDDEN, FaultKind.CORRUPT)
_AROUND = (FaultKind.LOST_ANSWER, FaultKind.LATE)


@dataclass(frozen=True, slots=True)
class Operation:
    """What was done. generation: written, read or removed; 0 for a list. name: of a list, its prefix."""

    operation: str
    name: str
    generation: int


class MemoryBlobStore:
    """log: what was done, in order; failed operations are not in it. writes: versions written, by name.

    late: writes on their way (FaultKind.LATE); a test lands or drops them. observe: called at the moment of every act
    with what goes into the log and, of a write, the content.
    """

    def __init__(self) -> None:
        self.log: list[Operation] = []
        self.writes: Counter[str] = Counter()
        self.late: list[LateWrite] = []
        self.faults = Faults()
        self.observe: Callable[[Operation, bytes | None], None] | None = None
        self._blobs: dict[str, Blob] = {}
        self._generation = 0

    def fail(self, operation: str, name: str, kind: FaultKind, count: int | None = 1) -> Fault:
        """Orders a fault: the next ``count`` operations (None: all) on names like ``name`` go wrong."""
        return self.faults.add(Fault(operation, name, kind, count))

    async def read(self, name: str) -> Blob:
        check_name(name)
        return await self._reading("read", name)

    async def read_range(self, name: str, start: int, end: int) -> bytes:
        check_name(name)
        check_range(start, end)
        return (await self._reading("read_range", name)).data[start:end]

    async def open_read(self, name: str, chunk_size: int = 1 << 20) -> AsyncIterator[bytes]:
        check_name(name)
        check_at_least_one("chunk_size", chunk_size)
        data = (await self._reading("open_read", name)).data
        for offset in range(0, len(data), chunk_size):
            yield data[offset : offset + chunk_size]
            await asyncio.sleep(0)

    async def create(self, name: str, data: bytes, *, durable: bool = True) -> int:
        return await self._writing("create", name, lambda: self._store("create", name, data, 0))

    async def replace(self, name: str, data: bytes, if_generation: int, *, durable: bool = True) -> int:
        return await self._writing("replace", name, lambda: self._store("replace", name, data, if_generation))

    async def put(self, name: str, data: bytes, *, durable: bool = False) -> int:
        return await self._writing("put", name, lambda: self._store("put", name, data, None))

    async def put_stream(self, name: str, chunks: AsyncIterator[bytes], *, durable: bool = True) -> BlobInfo:
        check_name(name)
        data = b"".join([chunk async for chunk in chunks])
        generation = await self._writing("put_stream", name, lambda: self._store("put_stream", name, data, None))
        return BlobInfo(name, generation, len(data))

    async def list(self, prefix: str, start: str = "", limit: int = 1000) -> list[BlobInfo]:
        check_prefix(prefix)
        check_at_least_one("limit", limit)
        lost = await self._before("list", prefix)
        names = sorted(name for name in self._blobs if name.startswith(prefix) and name >= start)
        infos = [BlobInfo(name, self._blobs[name].generation, len(self._blobs[name].data)) for name in names[:limit]]
        self._note(Operation("list", prefix, 0))
        await self._after(lost, prefix)
        return infos

    async def delete(self, name: str, if_generation: int | None = None) -> None:
        await self._writing("delete", name, lambda: self._remove(name, if_generation))

    async def close(self) -> None:
        """Nothing to free; what was stored stays readable, for a test's last look."""

    async def _reading(self, operation: str, name: str) -> Blob:
        lost = await self._before(operation, name)
        blob = self._blobs.get(name)
        if blob is not None:
            self._note(Operation(operation, name, blob.generation))
        await self._after(lost, name)
        if blob is None:
            raise BlobNotFound(f"{name}: there is no such blob")
        return blob

    async def _writing(self, operation: str, name: str, apply: Callable[[], int]) -> int:
        check_name(name)
        fault = await self._before(operation, name)
        if fault is not None and fault.kind is FaultKind.LATE:
            self.late.append(LateWrite(operation, name, apply))
            raise BlobUnavailable(f"{name}: no answer (ordered)")
        try:
            return apply()
        finally:
            await self._after(fault, name)

    async def _before(self, operation: str, name: str) -> Fault | None:
        """Raises what was ordered for before the act; returns the fault that is due after it."""
        await asyncio.sleep(0)
        slow = self.faults.strike(operation, name, _SLOW)
        if slow is not None:
            await slow.gate.wait()
        fault = self.faults.strike(operation, name, _BEFORE)
        if fault is None:
            return self.faults.strike(operation, name, _AROUND)
        detail = f"{name}: {fault.kind.value} (ordered)"
        match fault.kind:
            case FaultKind.THROTTLED:
                raise BlobThrottled(detail)
            case FaultKind.FORBIDDEN:
                raise BlobForbidden(detail)
            case FaultKind.CORRUPT:
                raise BlobCorrupt(detail)
            case _:
                raise BlobUnavailable(detail)

    async def _after(self, fault: Fault | None, name: str) -> None:
        await asyncio.sleep(0)
        if fault is not None:
            raise BlobUnavailable(f"{name}: the answer was lost (ordered)")

    def _store(self, operation: str, name: str, data: bytes, expected: int | None) -> int:
        standing = self._blobs.get(name)
        if expected is not None and expected != (standing.generation if standing else 0):
            raise BlobConflict(f"{name}: not at generation {expected}")
        self._generation += 1
        self._blobs[name] = Blob(bytes(data), self._generation)
        self.writes[name] += 1
        self._note(Operation(operation, name, self._generation), data)
        return self._generation

    def _remove(self, name: str, expected: int | None) -> int:
        standing = self._blobs.get(name)
        if standing is None:
            raise BlobNotFound(f"{name}: there is no such blob")
        if expected is not None and expected != standing.generation:
            raise BlobConflict(f"{name}: not at generation {expected}")
        del self._blobs[name]
        self._note(Operation("delete", name, standing.generation))
        return standing.generation

    def _note(self, operation: Operation, data: bytes | None = None) -> None:
        self.log.append(operation)
        if self.observe is not None:
            self.observe(operation, data)
