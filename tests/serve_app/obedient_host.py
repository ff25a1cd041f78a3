"""A host that does at once whatever it is told: jobs are read, cancelled, retried and deleted before the answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from cluster import layout
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock
from cluster.errors import BlobNotFound
from cluster.marker import Operation, decode_marker, queued_record
from cluster.page_text import PageResult, PageText, encode_result
from cluster.record import JobRecord, JobStatus, PageRecord, PageStatus, Step, Tombstone, decode, encode
from tests.serve_app.builders import Server, server

ROUNDS = 50
"""Of the event loop, in which the others get on with what they do."""


class HastyClock(ManualClock):
    """Nobody sleeps for long: once nothing else moves, it is the hour of the sleeper who is due first."""

    async def sleep(self, seconds: float) -> None:
        sleeping = asyncio.ensure_future(super().sleep(seconds))
        try:
            while not sleeping.done():
                for _ in range(ROUNDS):
                    await asyncio.sleep(0)
                due = [hour for hour, sleeper in self._sleepers if not sleeper.done()]
                if due and not sleeping.done():
                    await self.advance(max(0.0, min(due) - self.monotonic()))
        finally:
            sleeping.cancel()


class ObedientHost:
    def __init__(self, store: MemoryBlobStore) -> None:
        self._store = store

    async def adopt(self, job_id: str) -> None:
        await self.notify(job_id)

    async def notify(self, job_id: str) -> None:
        try:
            marker = decode_marker((await self._store.read(layout.marker(job_id))).data)
        except BlobNotFound:
            return
        name = layout.record(marker.prefix)
        try:
            record = decode((await self._store.read(name)).data)
        except BlobNotFound:
            record = queued_record(marker)
        if isinstance(record, Tombstone) or marker.operation is Operation.DELETE:
            after: JobRecord | Tombstone = Tombstone(job_id, record.epoch + 1, record.revision + 1)
        elif marker.operation is Operation.CANCEL:
            after = _ended(record, JobStatus.CANCELLED, Step.CANCELLED)
        else:
            after = replace(await self._read(record, marker.prefix), run=marker.run)
        await self._store.put(name, encode(after))
        await self._store.delete(layout.marker(job_id))

    async def _read(self, record: JobRecord, prefix: str) -> JobRecord:
        await self._store.put(layout.page_result(prefix, 1), encode_result(_result(record.job_id)))
        await self._store.put(prefix + "result-1-1.md", b"# Text\n")
        await self._store.put(prefix + "result-1-1.txt", b"Text\n")
        page = PageRecord(status=PageStatus.COMPLETED, image="page_001.png", result_file="page_001_result.txt")
        outputs = {"md": "result-1-1.md", "txt": "result-1-1.txt"}
        ended = _ended(record, JobStatus.COMPLETED, Step.COMPLETED)
        return replace(ended, pages={1: page}, pages_completed=1, outputs=outputs, percent=100)


def _ended(record: JobRecord, status: JobStatus, step: Step) -> JobRecord:
    return replace(
        record, status=status, current_step=step, owner="", epoch=record.epoch + 1, revision=record.revision + 1
    )


def _result(job_id: str) -> PageResult:
    read = PageText("Text", engine="null", engine_version="1", confidence=0.9)
    return PageResult(job_id, 1, 1, 1, 1, 612, 792, "page_001.png", 1275, 1650, read)


def obedient_server(**settings: Any) -> Server:
    """A whole HTTP side whose orders are carried out at once, and in which nobody ever waits."""
    web = server(clock=HastyClock(), **settings)
    host = ObedientHost(web.store)
    web.gateway.on_adopt, web.gateway.on_notify = host.adopt, host.notify
    return web
