"""A JobHost in one process: the in-memory blob store, a Renderer that draws nothing, a scripted engine."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

from actors.job.callback_port import Callbacks
from actors.job.grouped_calls import GroupedCalls
from actors.job.heartbeat import Heartbeat
from actors.job.job_host import JobHost
from actors.job.page_gate import PageGate
from actors.job.page_queue import PageBudget
from actors.job.ports import RenderPool
from actors.job.services import Services
from actors.job.state import Policy
from actors.ocr.protocol import RecognizeRequest
from actors.render.null_renderer import NullRenderer
from cluster import layout
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import SystemClock, to_text
from cluster.errors import BlobNotFound, PageError
from cluster.idempotency import IdempotencyEntry, encode_entry
from cluster.ids import SLOTS, new_job_id
from cluster.marker import Marker, Operation, encode_marker
from cluster.meter import Meter
from cluster.page_text import PageText
from cluster.record import FileInfo, JobRecord, Tombstone, decode, encode

USER = "reader@example.org"
ENGINE = "scripted"
OTHER = "other"
"""The engine of jobs that name none, and one that may be named, and reads what the first gave up."""


@dataclass
class ScriptedOcr:
    """Reads page n as "page n". faults: for a page, what is raised or answered instead, in turn.

    gate: pages above ``open_until`` wait for it. waiting: how many do.
    """

    engine: str = ENGINE
    faults: dict[int, list[Exception]] = field(default_factory=dict)
    reads: Counter[int] = field(default_factory=Counter)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    open_until: int = 1_000_000
    waiting: int = 0

    async def recognize(self, requests: list[RecognizeRequest]) -> list[PageText | PageError]:
        return list(await asyncio.gather(*(self._read(request) for request in requests)))

    async def _read(self, request: RecognizeRequest) -> PageText | PageError:
        await asyncio.sleep(0)
        if request.page > self.open_until:
            self.waiting += 1
            try:
                await self.gate.wait()
            finally:
                self.waiting -= 1
        if self.faults.get(request.page):
            fault = self.faults[request.page].pop(0)
            if isinstance(fault, PageError):
                return fault
            raise fault
        self.reads[request.page] += 1
        return PageText(f"page {request.page}", engine=self.engine, engine_version="1", confidence=1.0)


@dataclass
class HostWorld:
    """store: shared by all hosts of a test. renderer: None for one that draws nothing.

    call_s: how long a deletion waits for calls. other: what the engine OTHER reads with. chains: of engines.
    callbacks: how they are sent. meter: of all hosts.
    """

    store: MemoryBlobStore = field(default_factory=MemoryBlobStore)
    ocr: ScriptedOcr = field(default_factory=ScriptedOcr)
    other: ScriptedOcr = field(default_factory=lambda: ScriptedOcr(engine=OTHER))
    renderer: RenderPool | None = None
    chains: dict[str | None, tuple[str, ...]] = field(default_factory=lambda: {None: (ENGINE,), OTHER: (OTHER,)})
    call_s: float = 0.05
    clock: SystemClock = field(default_factory=SystemClock)
    callbacks: Callbacks = field(default_factory=Callbacks)
    meter: Meter = field(default_factory=Meter)

    def host(
        self,
        *,
        cluster: str = "c1",
        name: str = "job-host-a-0",
        beat_s: float = 10,
        sweep_s: float = 30,
        window: int = 4,
        at_sweep: Callable[[], Awaitable[None]] | None = None,
        slots: Iterable[int] = range(SLOTS),
        most_live: int = 2000,
        formats: tuple[str, ...] = ("md", "txt"),
    ) -> JobHost:
        renderer = self.renderer or NullRenderer(self.store)
        services = Services(
            blobs=self.store,
            clock=self.clock,
            pool=renderer,
            renders=GroupedCalls(renderer.render, 10**9, self.clock),
            arranges=GroupedCalls(renderer.arrange, 10**9, self.clock),
            reads={
                ENGINE: GroupedCalls(self.ocr.recognize, 10**9, self.clock),
                OTHER: GroupedCalls(self.other.recognize, 10**9, self.clock),
            },
            chains=self.chains,
            gate=PageGate({ENGINE: PageBudget(16, 100), OTHER: PageBudget(2, 100)}),
            policy=Policy(window=window, call_s=self.call_s, formats=formats),
            max_pages=5000,
            max_megapixels=50,
            callbacks=self.callbacks,
            process_meter=self.meter,
        )
        heartbeat = Heartbeat(self.store, cluster, name, self.clock, beat_s)
        return JobHost(
            services,
            heartbeat,
            frozenset(slots),
            sweep_s=sweep_s,
            beat_s=beat_s,
            at_sweep=at_sweep,
            most_live=most_live,
        )

    async def accept(
        self,
        pages: int,
        *,
        job_id: str | None = None,
        options: dict[str, object] | None = None,
        key: str | None = None,
    ) -> Marker:
        """What the Ingress does: index entry, upload, idempotency entry where there is a key, marker."""
        job_id = job_id or new_job_id()
        prefix = layout.job_prefix(USER, job_id)
        document = FileInfo("book.pdf", "pdf", 0, "raw/document.pdf", 20)
        created = to_text(self.clock.now())
        hashed_key = None if key is None else layout.key_hash(key)
        marker = Marker(
            job_id, Operation.RUN, 1, USER, prefix, document, created, options or {}, idempotency=hashed_key
        )
        await self.store.put(layout.index(USER, job_id), (hashed_key or "").encode())
        await self.store.put(prefix + document.raw_file, f"%PDF-1.7 pages {pages}".encode())
        if key is not None:
            await self.store.put(layout.idempotency(USER, key), encode_entry(IdempotencyEntry("d", marker)))
        await self.store.create(layout.marker(job_id), encode_marker(marker))
        return marker

    async def order(self, marker: Marker, operation: Operation, run: int = 1, reason: str | None = None) -> None:
        """What the Ingress does for cancel, retry and delete."""
        data = encode_marker(replace(marker, operation=operation, run=run, reason=reason))
        try:
            found = await self.store.read(layout.marker(marker.job_id))
            await self.store.replace(layout.marker(marker.job_id), data, found.generation)
        except BlobNotFound:
            await self.store.create(layout.marker(marker.job_id), data)

    async def rob(self, marker: Marker) -> None:
        """Another host, of another cluster and alive, claims the job."""
        found = await self.record(marker)
        theirs = replace(found, owner="c9/job-host-z-0/00000001/y", epoch=7, revision=found.revision + 50)
        await self.store.put(layout.heartbeat("c9", "job-host-z-0", 1), b"{}")
        await self.store.put(layout.record(marker.prefix), encode(theirs))

    async def record(self, marker: Marker) -> JobRecord:
        record = await self.stored(marker)
        assert isinstance(record, JobRecord)
        return record

    async def names(self, prefix: str = "") -> list[str]:
        """What is stored, but for heartbeats."""
        listed = await self.store.list(prefix, limit=100_000)
        return [info.name for info in listed if not info.name.startswith(layout.HEARTBEATS)]

    async def marker_stands(self, marker: Marker) -> bool:
        try:
            await self.store.read(layout.marker(marker.job_id))
        except BlobNotFound:
            return False
        return True

    async def stored(self, marker: Marker) -> JobRecord | Tombstone:
        return decode((await self.store.read(layout.record(marker.prefix))).data)

    async def reading(self, pages: int = 8, key: str | None = None) -> tuple[JobHost, Marker]:
        """A host that has a job of which two pages are read and the others are not getting on."""
        self.ocr.open_until = 2
        host = self.host()
        await host.start()
        marker = await self.accept(pages, key=key)
        await host.adopt(marker.job_id)
        await until(lambda: len(self.ocr.reads) >= 2)
        await until(lambda: sum(op.name.endswith("_result.json") for op in self.store.log) >= 2)
        return host, marker

    async def deleted(self, marker: Marker, timeout_s: float = 10) -> Tombstone:
        """Waits until a deletion has ended; nothing but the tombstone, and its entry for retention, is left."""
        async with asyncio.timeout(timeout_s):
            while await self.marker_stands(marker):
                await asyncio.sleep(0.005)
        tombstone = await self.stored(marker)
        assert isinstance(tombstone, Tombstone)
        entry = layout.tombstone_entry(to_text(self.clock.now())[:10], marker.prefix)
        assert [name for name in await self.names() if marker.job_id in name] == [entry, layout.record(marker.prefix)]
        return tombstone

    async def ended(self, marker: Marker, timeout_s: float = 10) -> JobRecord:
        """Waits until the job's marker is gone; returns its record."""
        async with asyncio.timeout(timeout_s):
            while await self.marker_stands(marker):
                await asyncio.sleep(0.01)
        return await self.record(marker)


async def until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.005)


def crash(host: JobHost) -> None:
    """The host's process is gone: none of its tasks runs on, and nothing was tidied up."""
    current = asyncio.current_task()
    for task in asyncio.all_tasks():
        if task is not current:
            task.cancel()
    host.jobs.clear()
