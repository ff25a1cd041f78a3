"""The ledger's rules on Cloud Storage: the real client, a socket, and answers that are lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from actors.job.ledger import RecordLedger
from actors.job.saver import RecordSaver
from cluster.blobs.google import GoogleBlobStore
from cluster.blobs.google_address import GoogleAddress
from cluster.blobs.google_calls import Patience
from cluster.clock import SystemClock
from cluster.errors import Fenced
from cluster.record import JobRecord, Tombstone, decode
from tests.actors.job.machine_driver import make_record
from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.faults import FaultKind

NAME = "users/u/jobs/j/processing.json"
NOT_DONE = [FaultKind.UNAVAILABLE, FaultKind.RESET_BEFORE]
ANSWER_LOST = [FaultKind.LOST_ANSWER, FaultKind.RESET_AFTER]


@pytest.fixture
async def store(cloud: CloudDouble) -> AsyncIterator[GoogleBlobStore]:
    """It gives up after 0.4 s."""
    store = GoogleBlobStore(GoogleAddress("bucket", ""), patience=Patience(budget_s=0.4))
    yield store
    await store.close()


def ledger(store: GoogleBlobStore, owner: str = "c/h/1/a") -> RecordLedger:
    return RecordLedger(store, NAME, owner, SystemClock())


def fresh() -> JobRecord:
    return replace(make_record(owner=""), epoch=0, revision=0)


async def stored(store: GoogleBlobStore) -> JobRecord:
    record = decode((await store.read(NAME)).data)
    assert isinstance(record, JobRecord)
    return record


def lose_answer_and_break(cloud: CloudDouble, kind: FaultKind) -> None:
    """The next write lands unheard, and no other is taken from then on, so that the store can't settle it itself."""
    cloud.fail("upload", NAME, kind)
    cloud.fail("upload", NAME, FaultKind.UNAVAILABLE, None, skip=1)


def versions(cloud: CloudDouble) -> int:
    return cloud.limit.counts[f"bucket/{NAME}"].written


@pytest.mark.parametrize("kind", [*NOT_DONE, *ANSWER_LOST])
async def test_a_claim_whose_answer_was_lost(store: GoogleBlobStore, cloud: CloudDouble, kind: FaultKind) -> None:
    cloud.fail("upload", NAME, kind)
    record, _ = await ledger(store).claim(None, fresh())
    assert await stored(store) == record
    assert versions(cloud) == 1


@pytest.mark.parametrize("kind", ANSWER_LOST)
async def test_a_claim_that_the_store_leaves_open(store: GoogleBlobStore, cloud: CloudDouble, kind: FaultKind) -> None:
    lose_answer_and_break(cloud, kind)
    record, _ = await ledger(store).claim(None, fresh())
    assert await stored(store) == record
    assert versions(cloud) == 1


@pytest.mark.parametrize("kind", [*NOT_DONE, *ANSWER_LOST])
async def test_a_save_whose_answer_was_lost(store: GoogleBlobStore, cloud: CloudDouble, kind: FaultKind) -> None:
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    cloud.fail("upload", NAME, kind)
    assert await book.save(replace(record, percent=5)) is not None
    assert await book.save(replace(record, percent=6)) is not None
    final = await stored(store)
    assert (final.percent, final.revision) == (6, 3)


@pytest.mark.parametrize("kind", ANSWER_LOST)
async def test_a_save_that_the_store_leaves_open_is_adopted(
    store: GoogleBlobStore, cloud: CloudDouble, kind: FaultKind
) -> None:
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    lose_answer_and_break(cloud, kind)
    assert await book.save(replace(record, percent=5)) is not None
    cloud.faults.clear()
    assert await book.save(replace(record, percent=6)) is not None
    assert (await stored(store)).percent == 6
    assert versions(cloud) == 3


async def test_a_save_that_did_not_land_is_tried_again(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    cloud.fail("upload", NAME, FaultKind.UNAVAILABLE, None)
    assert await book.save(record) is None
    cloud.faults.clear()
    data = await book.save(record)
    assert data is not None
    assert (await store.read(NAME)).data == data


@pytest.mark.parametrize("kind", [*NOT_DONE, *ANSWER_LOST])
async def test_of_two_claims_the_one_that_landed_wins_although_its_answer_was_lost(
    store: GoogleBlobStore, cloud: CloudDouble, kind: FaultKind
) -> None:
    await ledger(store).claim(None, fresh())
    found = await store.read(NAME)
    record = replace(await stored(store), owner="")
    cloud.fail("upload", NAME, kind)
    claims = [ledger(store, owner).claim(found, record) for owner in ("c/h/2/b", "d/h/1/c")]
    outcomes = await asyncio.gather(*claims, return_exceptions=True)
    (winner,) = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)] == [Fenced]
    assert await stored(store) == winner[0]
    assert versions(cloud) == 2


async def test_who_lost_the_record_is_fenced(store: GoogleBlobStore) -> None:
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    await ledger(store, "d/h/1/b").claim(await store.read(NAME), replace(record, owner=""))
    with pytest.raises(Fenced):
        await book.save(record)
    assert (await stored(store)).owner == "d/h/1/b"


async def test_the_limit_slows_a_record_down_and_loses_nothing(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    cloud.limit.enforced = True
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    seen: list[int] = []

    def note(saved: JobRecord | Tombstone, data: bytes) -> None:
        assert isinstance(saved, JobRecord)
        seen.append(saved.percent)

    saver = RecordSaver(book, SystemClock(), note, lambda: seen.append(-1))
    saver.claimed()
    for percent in range(1, 21):
        saver.offer(replace(record, percent=percent), urgent=False)
        await asyncio.sleep(0.1)
    while seen[-1] != 20:
        await asyncio.sleep(0.05)
    assert seen == sorted(seen)
    assert cloud.limit.counts[f"bucket/{NAME}"].refused == 0
    assert versions(cloud) <= 3 + 3  # the burst, and one a second of about three
    assert (await stored(store)).percent == 20


async def test_a_429_is_waited_out(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    book = ledger(store)
    record, _ = await book.claim(None, fresh())
    cloud.fail("upload", NAME, FaultKind.THROTTLED)
    done = asyncio.Event()
    saver = RecordSaver(book, SystemClock(), lambda *_: done.set(), lambda: None)
    saver.offer(replace(record, percent=50), urgent=True)
    begun = asyncio.get_running_loop().time()
    await done.wait()
    assert asyncio.get_running_loop().time() - begun > 1
    assert (await stored(store)).percent == 50
