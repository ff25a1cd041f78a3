"""The ledger: conflict is told from fencing, and a lost answer from both."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from actors.job.ledger import RecordLedger
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.blobs.port import Blob
from cluster.clock import SystemClock, settle
from cluster.errors import BlobThrottled, Fenced
from cluster.record import JobRecord, Tombstone, decode, encode
from tests.actors.job.machine_driver import make_record

NAME = "users/u/jobs/j/processing.json"


def ledger(store: MemoryBlobStore, owner: str = "c/h/1/a") -> RecordLedger:
    return RecordLedger(store, NAME, owner, SystemClock())


def fresh() -> JobRecord:
    return replace(make_record(owner=""), epoch=0, revision=0)


async def stored(store: MemoryBlobStore) -> JobRecord:
    record = decode((await store.read(NAME)).data)
    assert isinstance(record, JobRecord)
    return record


async def test_a_claim_is_the_first_write_with_the_next_epoch() -> None:
    store = MemoryBlobStore()
    record, data = await ledger(store).claim(None, fresh())
    assert (record.epoch, record.revision, record.owner) == (1, 1, "c/h/1/a")
    assert (await store.read(NAME)).data == data
    assert await stored(store) == record


async def test_two_claims_from_the_same_generation_have_one_winner() -> None:
    store = MemoryBlobStore()
    await ledger(store).claim(None, fresh())
    found = await store.read(NAME)
    record = replace(await stored(store), owner="")
    await ledger(store, "c/h/2/b").claim(found, record)
    with pytest.raises(Fenced):
        await ledger(store, "d/h/1/c").claim(found, record)
    assert (await stored(store)).owner == "c/h/2/b"


async def test_two_first_claims_have_one_winner() -> None:
    store = MemoryBlobStore()
    await ledger(store).claim(None, fresh())
    with pytest.raises(Fenced):
        await ledger(store, "d/h/1/b").claim(None, fresh())


@pytest.mark.parametrize("kind", [FaultKind.LOST_ANSWER, FaultKind.UNAVAILABLE, FaultKind.THROTTLED])
async def test_a_claim_in_doubt_is_cleared_up(kind: FaultKind) -> None:
    store = MemoryBlobStore()
    store.fail("replace", NAME, kind)
    record, _ = await ledger(store).claim(None, fresh())
    assert await stored(store) == record


async def test_a_save_whose_answer_was_lost_is_adopted() -> None:
    store = MemoryBlobStore()
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    store.fail("replace", NAME, FaultKind.LOST_ANSWER)
    assert await book.save(replace(record, percent=5)) is not None
    assert await book.save(replace(record, percent=6)) is not None
    assert (await stored(store)).percent == 6


async def test_a_save_that_did_not_land_is_tried_again_by_the_caller() -> None:
    store = MemoryBlobStore()
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    store.fail("replace", NAME, FaultKind.UNAVAILABLE)
    assert await book.save(record) is None
    data = await book.save(record)
    assert data is not None
    assert (await store.read(NAME)).data == data


async def test_an_own_save_that_lands_late_does_not_fence() -> None:
    store = MemoryBlobStore()
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    store.fail("replace", NAME, FaultKind.LATE)
    assert await book.save(replace(record, percent=5)) is None
    store.late[0].land()
    assert await book.save(replace(record, percent=6)) is None, "the late one is adopted first"
    assert await book.save(replace(record, percent=7)) is not None
    final = await stored(store)
    assert final.percent == 7
    assert final.revision == book.confirmed


async def test_revisions_never_fall_and_are_never_used_twice() -> None:
    store = MemoryBlobStore()
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    seen = [record.revision]
    for kind in (None, FaultKind.LOST_ANSWER, FaultKind.UNAVAILABLE, None):
        if kind is not None:
            store.fail("replace", NAME, kind)
        await book.save(record)
        seen.append((await stored(store)).revision)
    assert seen == sorted(seen)


async def test_another_owner_fences() -> None:
    store = MemoryBlobStore()
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    await ledger(store, "d/h/1/b").claim(await store.read(NAME), replace(record, owner=""))
    with pytest.raises(Fenced):
        await book.save(record)
    with pytest.raises(Fenced):
        await book.verify()


class HeldReads(MemoryBlobStore):
    """What was read comes back only once ``gate`` is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def read(self, name: str) -> Blob:
        blob = await super().read(name)
        await self.gate.wait()
        return blob


async def test_a_reading_that_a_save_overtakes_does_not_fence() -> None:
    store = HeldReads()
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    verifying = asyncio.create_task(book.verify())
    await settle()
    saving = asyncio.create_task(book.save(replace(record, percent=5)))
    await settle()
    store.gate.set()
    await verifying
    assert await saving is not None
    assert (await stored(store)).percent == 5


async def test_a_save_that_waits_while_the_ledger_is_closed_writes_nothing() -> None:
    store = HeldReads()
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    verifying = asyncio.create_task(book.verify())
    await settle()
    saving = asyncio.create_task(book.save(replace(record, percent=5)))
    await settle()
    book.close()
    store.gate.set()
    await verifying
    with pytest.raises(Fenced):
        await saving
    assert store.writes[NAME] == 1


@pytest.mark.parametrize("content", [encode(Tombstone("j", 1, 9)), b"rubbish", b'{"schema_version": 9}'])
async def test_what_is_no_record_of_ours_fences(content: bytes) -> None:
    store = MemoryBlobStore()
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    await store.put(NAME, content)
    with pytest.raises(Fenced):
        await book.save(record)
    assert (await store.read(NAME)).data == content


async def test_throttling_is_told_to_the_caller() -> None:
    store = MemoryBlobStore()
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    store.fail("replace", NAME, FaultKind.THROTTLED)
    with pytest.raises(BlobThrottled):
        await book.save(record)
