"""Saving: the newest state alone, paced, whatever becomes of the tries."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from actors.job.ledger import RecordLedger
from actors.job.saver import RecordSaver
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock, settle
from cluster.record import JobRecord, Tombstone
from tests.actors.job.machine_driver import make_record

NAME = "users/u/jobs/j/processing.json"


class Saving:
    """A saver over a claimed record, and what it told."""

    def __init__(self) -> None:
        self.store = MemoryBlobStore()
        self.clock = ManualClock()
        self.stored: list[int] = []
        self.fenced = 0
        self.broken = 0
        self.ledger = RecordLedger(self.store, NAME, "c/h/1/a", self.clock)

    async def claim(self) -> tuple[RecordSaver, JobRecord]:
        record, _ = await self.ledger.claim(None, replace(make_record(owner=""), epoch=0, revision=0))
        saver = RecordSaver(self.ledger, self.clock, self._on_stored, self._on_fenced, broken=self._on_broken)
        saver.claimed()
        return saver, record

    async def claim_after(self, seconds: float) -> tuple[RecordSaver, JobRecord]:
        """The claim needs so long."""
        claiming = asyncio.create_task(self.claim())
        await settle()
        await self.clock.advance(seconds)
        return await claiming

    def _on_stored(self, record: JobRecord | Tombstone, data: bytes) -> None:
        assert isinstance(record, JobRecord)
        self.stored.append(record.percent)

    def _on_fenced(self) -> None:
        self.fenced += 1

    def _on_broken(self) -> None:
        self.broken += 1


async def test_only_the_newest_state_is_written() -> None:
    saving = Saving()
    saver, record = await saving.claim()
    for percent in range(1, 20):
        saver.offer(replace(record, percent=percent), urgent=False)
    await settle()
    await saving.clock.advance(1)
    assert saving.stored == [19]


async def test_an_urgent_state_does_not_wait_for_more() -> None:
    saving = Saving()
    saver, record = await saving.claim()
    saver.offer(replace(record, percent=1), urgent=False)
    saver.offer(replace(record, percent=2), urgent=True)
    await settle()
    assert saving.stored == [2]


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.LOST_ANSWER, FaultKind.THROTTLED])
async def test_tries_that_fail_count_as_writes(kind: FaultKind) -> None:
    saving = Saving()
    saver, record = await saving.claim()
    fault = saving.store.fail("replace", NAME, kind, None)
    saver.offer(replace(record, percent=50), urgent=True)
    await settle()
    for second in range(1, 31):
        await saving.clock.advance(1)
        assert saving.ledger.writes <= 3 + second
    fault.count = fault.hits
    await saving.clock.advance(60)
    assert saving.stored[-1] == 50


async def test_a_claim_in_doubt_counts_each_of_its_tries() -> None:
    saving = Saving()
    saving.store.fail("replace", NAME, FaultKind.UNAVAILABLE, 1)
    saver, record = await saving.claim_after(0.1)
    saver.offer(replace(record, percent=50), urgent=True)
    await settle()
    saver.offer(replace(record, percent=60), urgent=True)
    await settle()
    assert saving.ledger.writes == 3
    await saving.clock.advance(1)
    assert saving.stored == [50, 60]


async def test_after_the_close_nothing_is_written() -> None:
    saving = Saving()
    saver, record = await saving.claim()
    saver.offer(replace(record, percent=5), urgent=False)
    saver.close()
    saver.offer(replace(record, percent=6), urgent=True)
    await saving.clock.advance(10)
    assert (saving.store.writes[NAME], saving.stored, saving.fenced) == (1, [], 0)


async def test_a_save_that_breaks_in_an_unforeseen_way_is_told_and_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    saving = Saving()
    saver, record = await saving.claim()

    async def breaks(record: JobRecord | Tombstone) -> bytes | None:
        raise RuntimeError("not today")

    monkeypatch.setattr(saving.ledger, "save", breaks)
    saver.offer(replace(record, percent=5), urgent=True)
    await settle()
    saver.offer(replace(record, percent=6), urgent=True)
    await saving.clock.advance(10)
    assert (saving.broken, saving.fenced, saving.stored) == (1, 0, [])
