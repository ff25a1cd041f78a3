"""Faults of Cloud Storage while it is written to: each ends in the right error or in none, and in the right state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from cluster.blobs.google import GoogleBlobStore
from cluster.blobs.port import Blob
from cluster.errors import BlobConflict, BlobError, BlobForbidden, BlobNotFound, BlobThrottled, BlobUnavailable
from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.faults import FaultKind
from tests.cloud_storage.objects import Content
from tests.cluster.blobs.contract import pieces
from tests.cluster.blobs.contract_listing import names
from tests.cluster.blobs.late_server import LateServer

NOT_DONE = [FaultKind.UNAVAILABLE, FaultKind.RESET_BEFORE]
ANSWER_LOST = [FaultKind.LOST_ANSWER, FaultKind.RESET_AFTER]


def written(cloud: CloudDouble, name: str = "a") -> int:
    """How many versions of it were ever stored, deletions included."""
    count = cloud.limit.counts.get(f"bucket/{name}")
    return 0 if count is None else count.written


def overwrite(cloud: CloudDouble, name: str, data: bytes) -> int:
    """What another process writes meanwhile."""
    return cloud.buckets["bucket"].put(name, Content(data), None).generation


# ---------------------------------------------------------------- with a precondition


@pytest.mark.parametrize("kind", [*NOT_DONE, *ANSWER_LOST, FaultKind.TRUNCATED])
async def test_a_guarded_write_lands_once_whatever_happens_to_its_answer(
    store: GoogleBlobStore, cloud: CloudDouble, kind: FaultKind
) -> None:
    cloud.fail("upload", "a", kind)
    created = await store.create("a", b"1")
    assert await store.read("a") == Blob(b"1", created)
    assert written(cloud) == 1
    cloud.fail("upload", "a", kind, 2)
    replaced = await store.replace("a", b"2", created)
    assert await store.read("a") == Blob(b"2", replaced)
    assert written(cloud) == 2


@pytest.mark.parametrize("kind", [*NOT_DONE, *ANSWER_LOST])
async def test_a_write_in_doubt_is_no_conflict(store: GoogleBlobStore, cloud: CloudDouble, kind: FaultKind) -> None:
    """Whether ours landed before the other's came, or never did, can't be told any more."""
    standing = await store.create("a", b"before")
    cloud.fail("upload", "a", kind)
    cloud.fail("upload", "a", FaultKind.SLOW, skip=1, seconds=0.3)
    task = asyncio.create_task(store.replace("a", b"ours", standing))
    await asyncio.sleep(0.2)
    other = overwrite(cloud, "a", b"another's")
    with pytest.raises(BlobUnavailable) as caught:
        await task
    assert type(caught.value) is BlobUnavailable
    assert await store.read("a") == Blob(b"another's", other)


async def test_a_write_that_lands_late_lands_once(brisk: GoogleBlobStore, cloud: CloudDouble) -> None:
    """The first attempt is carried out after the second: its precondition keeps it out."""
    cloud.fail("upload", "a", FaultKind.SLOW, seconds=1.2)
    generation = await brisk.create("a", b"ours")
    assert await brisk.read("a") == Blob(b"ours", generation)
    await asyncio.sleep(1.2)
    first, *late = [entry.status for entry in cloud.entries() if entry.operation == "upload"]
    assert first == 200
    assert late
    assert set(late) == {412}
    assert await brisk.read("a") == Blob(b"ours", generation)


async def test_a_write_that_lands_between_two_attempts_is_found(brisk: GoogleBlobStore, cloud: CloudDouble) -> None:
    cloud.fail("upload", "a", FaultKind.SLOW_ANSWER, seconds=1.2)
    generation = await brisk.create("a", b"ours")
    assert await brisk.read("a") == Blob(b"ours", generation)
    assert written(cloud) == 1


async def test_equal_content_of_another_is_not_taken_for_ours(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    cloud.fail("upload", "a", FaultKind.UNAVAILABLE)
    cloud.fail("upload", "a", FaultKind.SLOW, skip=1, seconds=0.3)
    task = asyncio.create_task(store.create("a", b"same"))
    await asyncio.sleep(0.2)
    overwrite(cloud, "a", b"same")
    with pytest.raises(BlobUnavailable):
        await task


async def test_a_conflict_after_an_attempt_that_was_surely_not_made(cloud: CloudDouble) -> None:
    """No connection, no doubt: the conflict is one."""
    async with LateServer(cloud) as late:
        overwrite(cloud, "a", b"another's")
        task = asyncio.create_task(late.store.create("a", b"ours"))
        await asyncio.sleep(0.2)
        late.open()
        with pytest.raises(BlobConflict):
            await task


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.create("b", b"2"),
        lambda store: store.replace("a", b"2", 1),
        lambda store: store.put("a", b"2"),
        lambda store: store.put_stream("a", pieces(b"2")),
        lambda store: store.delete("a"),
    ],
    ids=["create", "replace", "put", "put_stream", "delete"],
)
@pytest.mark.parametrize(
    ("kind", "error"), [(FaultKind.THROTTLED, BlobThrottled), (FaultKind.FORBIDDEN, BlobForbidden)]
)
async def test_a_refused_write_is_told_at_once(
    store: GoogleBlobStore, cloud: CloudDouble, write: Callable[..., Any], kind: FaultKind, error: type[BlobError]
) -> None:
    generation = await store.create("a", b"1")
    fault = cloud.fail("*", "*", kind, None)
    with pytest.raises(error) as caught:
        await write(store)
    assert type(caught.value) is error
    assert fault.hits == 1
    cloud.faults.clear()
    assert [(info.name, info.generation) for info in await store.list("")] == [("a", generation)]


@pytest.mark.parametrize("second", [FaultKind.THROTTLED, FaultKind.FORBIDDEN])
async def test_a_refusal_after_a_lost_answer_does_not_say_that_nothing_was_written(
    store: GoogleBlobStore, cloud: CloudDouble, second: FaultKind
) -> None:
    cloud.fail("upload", "a", FaultKind.LOST_ANSWER)
    cloud.fail("upload", "a", second, skip=1)
    with pytest.raises(BlobUnavailable) as caught:
        await store.create("a", b"1")
    assert type(caught.value) is BlobUnavailable
    assert (await store.read("a")).data == b"1"


async def test_writes_that_come_too_fast(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    cloud.limit.enforced = True
    generation = await store.create("a", b"0")
    for turn in range(2):
        generation = await store.replace("a", b"%d" % turn, generation)
    with pytest.raises(BlobThrottled):
        await store.replace("a", b"too fast", generation)
    assert await store.read("a") == Blob(b"1", generation)
    await asyncio.sleep(1.05)
    await store.replace("a", b"in time", generation)


# ---------------------------------------------------------------- without one, and deletes


@pytest.mark.parametrize(("kind", "landed"), [*((k, False) for k in NOT_DONE), *((k, True) for k in ANSWER_LOST)])
async def test_an_unguarded_write_is_made_once(
    store: GoogleBlobStore, cloud: CloudDouble, kind: FaultKind, landed: bool
) -> None:
    await store.put("a", b"before")
    fault = cloud.fail("upload", "a", kind, None)
    for call in (store.put("a", b"after"), store.put_stream("a", pieces(b"after"))):
        with pytest.raises(BlobUnavailable):
            await call
    assert fault.hits == 2
    assert (await store.read("a")).data == (b"after" if landed else b"before")


async def test_an_unguarded_write_that_found_no_connection_is_made_again(cloud: CloudDouble) -> None:
    async with LateServer(cloud) as late:
        task = asyncio.create_task(late.store.put("a", b"x"))
        await asyncio.sleep(0.2)
        late.open()
        generation = await task
        assert await late.store.read("a") == Blob(b"x", generation)


@pytest.mark.parametrize("kind", [*NOT_DONE, *ANSWER_LOST])
async def test_a_guarded_delete_in_doubt(store: GoogleBlobStore, cloud: CloudDouble, kind: FaultKind) -> None:
    generation = await store.create("a", b"1")
    cloud.fail("delete", "a", kind)
    if kind in NOT_DONE:
        await store.delete("a", generation)
    else:
        with pytest.raises(BlobUnavailable):
            await store.delete("a", generation)
    assert await names(store, "") == []
    with pytest.raises(BlobNotFound):
        await store.delete("a", generation)


@pytest.mark.parametrize(("kind", "left"), [*((k, ["a"]) for k in NOT_DONE), *((k, []) for k in ANSWER_LOST)])
async def test_an_unguarded_delete_is_made_once(
    store: GoogleBlobStore, cloud: CloudDouble, kind: FaultKind, left: list[str]
) -> None:
    await store.create("a", b"1")
    fault = cloud.fail("delete", "a", kind, None)
    with pytest.raises(BlobUnavailable):
        await store.delete("a")
    assert fault.hits == 1
    assert await names(store, "") == left
