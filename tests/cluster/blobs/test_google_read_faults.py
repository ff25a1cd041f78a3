"""Faults of Cloud Storage while it is read, and outages: what is made again, and what is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from cluster.blobs.google import GoogleBlobStore
from cluster.blobs.port import Blob
from cluster.errors import BlobCorrupt, BlobError, BlobForbidden, BlobThrottled, BlobUnavailable
from tests.cloud_storage.double import CloudDouble, Outage
from tests.cloud_storage.faults import FaultKind
from tests.cloud_storage.objects import Content
from tests.cluster.blobs.contract import pieces
from tests.cluster.blobs.contract_listing import names


async def whole(store: GoogleBlobStore, name: str) -> bytes:
    return b"".join([piece async for piece in store.open_read(name)])


PASSING = [
    FaultKind.UNAVAILABLE,
    FaultKind.LOST_ANSWER,
    FaultKind.RESET_BEFORE,
    FaultKind.RESET_AFTER,
    FaultKind.TRUNCATED,
    FaultKind.THROTTLED,
]
READS: list[tuple[str, Callable[[GoogleBlobStore], Coroutine[Any, Any, object]]]] = [
    ("download", lambda store: store.read("a")),
    ("download", lambda store: store.read_range("a", 0, 5)),
    ("download", lambda store: whole(store, "a")),
    ("list", lambda store: store.list("a")),
]
reads = pytest.mark.parametrize(("operation", "read"), READS, ids=["read", "read_range", "open_read", "list"])


@reads
@pytest.mark.parametrize("kind", PASSING)
async def test_a_read_that_failed_is_made_again(
    store: GoogleBlobStore, cloud: CloudDouble, operation: str, read: Callable[..., Any], kind: FaultKind
) -> None:
    await store.create("a", b"content")
    expected = await read(store)
    fault = cloud.fail(operation, "a", kind)
    assert await read(store) == expected
    assert fault.hits == 1


@reads
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.UNAVAILABLE, BlobUnavailable),
        (FaultKind.THROTTLED, BlobThrottled),
        (FaultKind.FORBIDDEN, BlobForbidden),
    ],
)
async def test_a_read_that_fails_for_good(
    hasty: GoogleBlobStore,
    cloud: CloudDouble,
    operation: str,
    read: Callable[..., Any],
    kind: FaultKind,
    error: type[BlobError],
) -> None:
    await hasty.create("a", b"content")
    cloud.fail(operation, "a", kind, None)
    begun = asyncio.get_running_loop().time()
    with pytest.raises(error) as caught:
        await read(hasty)
    assert type(caught.value) is error
    assert asyncio.get_running_loop().time() - begun < 2


@pytest.mark.parametrize("read", [lambda store: store.read("a"), lambda store: whole(store, "a")])
async def test_a_corrupt_read(store: GoogleBlobStore, cloud: CloudDouble, read: Callable[..., Any]) -> None:
    await store.create("a", b"content")
    cloud.fail("download", "a", FaultKind.CORRUPT)
    with pytest.raises(BlobCorrupt):
        await read(store)
    assert (await store.read("a")).data == b"content"


async def test_a_stream_whose_answers_are_cut_off_is_whole(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    data = bytes(range(256)) * 40_000
    cloud.buckets["bucket"].put("a", Content(data), None)
    cloud.fail("download", "a", FaultKind.TRUNCATED, 2, skip=1)
    assert await whole(store, "a") == data


# ---------------------------------------------------------------- outages


@pytest.mark.parametrize("kind", list(Outage))
async def test_an_outage_is_told_within_the_budget_and_then_over(
    hasty: GoogleBlobStore, cloud: CloudDouble, kind: Outage
) -> None:
    generation = await hasty.create("a", b"1")
    cloud.outage = kind
    calls = (
        hasty.read("a"),
        hasty.read_range("a", 0, 1),
        whole(hasty, "a"),
        hasty.create("b", b""),
        hasty.replace("a", b"2", generation),
        hasty.put("c", b""),
        hasty.put_stream("d", pieces(b"x" * (9 << 20))),
        hasty.list(""),
        hasty.delete("a", generation),
    )
    begun = asyncio.get_running_loop().time()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {BlobUnavailable}
    assert asyncio.get_running_loop().time() - begun < 2.5
    await asyncio.sleep(0.5)  # attempts that were under way as the budget ran out may land until then
    cloud.outage = None
    assert await hasty.read("a") == Blob(b"1", generation)
    assert await names(hasty, "") == ["a"]


async def test_a_short_outage_is_not_noticed(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    cloud.outage = Outage.UNAVAILABLE
    calls = [asyncio.create_task(store.create(f"a/{number}", b"x")) for number in range(40)]
    await asyncio.sleep(0.3)
    cloud.outage = None
    generations = await asyncio.gather(*calls)
    infos = await store.list("a/")
    assert sorted(generations) == sorted(info.generation for info in infos)


async def test_a_server_that_hangs_is_given_up(hasty: GoogleBlobStore, cloud: CloudDouble) -> None:
    await hasty.create("a", b"1")
    cloud.fail("*", "*", FaultKind.SLOW, None, seconds=30)
    begun = asyncio.get_running_loop().time()
    with pytest.raises(BlobUnavailable):
        await hasty.read("a")
    assert asyncio.get_running_loop().time() - begun < 2
