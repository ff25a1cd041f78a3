"""Submissions with one Idempotency-Key on several replicas at once, step by step, with a crash in any gap."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.job.erasure import Erasure
from cluster import layout
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock
from cluster.idempotency import IdempotencyEntry, decode_entry, encode_entry
from cluster.ids import first_job_id_at
from cluster.marker import Marker, encode_marker
from cluster.record import Tombstone, encode
from serve_app.identity import ANONYMOUS
from serve_app.key_claim import ADOPTED_WITHIN
from tests.serve_app.builders import PDF, PNG, Server, job_marker
from tests.serve_app.stepped_replica import Replica

KEY = "key-1"
ENTRY = layout.idempotency(ANONYMOUS, KEY)
MOST_STEPS = 16
"""More than one submission ever takes."""


@asynccontextmanager
async def replicas(store: MemoryBlobStore, *contents: bytes) -> AsyncIterator[list[Replica]]:
    made = [Replica(store, content, KEY) for content in contents]
    try:
        yield made
    finally:
        for replica in made:
            await replica.close()


async def names(store: MemoryBlobStore, prefix: str = "") -> list[str]:
    return [info.name for info in await store.list(prefix)]


async def entry(store: MemoryBlobStore) -> IdempotencyEntry:
    return decode_entry((await store.read(ENTRY)).data)


async def check(store: MemoryBlobStore, answered: list[str], *, crashed: bool) -> None:
    """One job, named by its entry and by every answer, the next one's too; nothing else that retention can't find."""
    async with replicas(store, PDF) as (another,):
        answer = await another.answer()
    assert answer.status_code == 202, answer.text
    job_id = answer.json()["job_id"]
    assert set(answered) <= {job_id}
    assert await names(store, "active/") == [layout.marker(job_id)]
    assert (await entry(store)).marker.job_id == job_id
    raw = layout.raw(layout.job_prefix(ANONYMOUS, job_id), "pdf")
    assert (await store.read(raw)).data == PDF
    uploads = [name for name in await names(store, layout.user_prefix(ANONYMOUS)) if "/raw/" in name]
    indexed = {name.rpartition("/")[2] for name in await names(store, layout.index_of_user(ANONYMOUS))}
    assert {name.split("/")[3] for name in uploads} <= indexed, "no upload without an index entry"
    if not crashed:
        assert (uploads, indexed) == ([raw], {job_id}), "who came second has removed its upload"


async def interleaved(ahead: int, between: int, crash: int | None) -> tuple[bool, bool]:
    """The first does so many steps, then the second; then one of them has crashed, or neither, and the rest follows.

    Whether the first, and the second, had so many steps to do.
    """
    store = MemoryBlobStore()
    async with replicas(store, PDF, PDF) as both:
        first = [await both[0].step() for _ in range(ahead)]
        second = [await both[1].step() for _ in range(between)]
        answers = [await replica.answer() for number, replica in enumerate(both) if number != crash]
        assert {answer.status_code for answer in answers} == {202}
        await check(store, [answer.json()["job_id"] for answer in answers], crashed=crash is not None)
    return all(first), all(second)


@pytest.mark.parametrize("crash", [None, 0, 1])
async def test_two_submissions_in_every_order(crash: int | None) -> None:
    tried = 0
    for ahead in range(MOST_STEPS):
        for between in range(MOST_STEPS):
            first, second = await interleaved(ahead, between, crash)
            tried += 1
            if not second:
                break
        if not first:
            break
    assert tried > 30, "there is that much to interleave"
    assert ahead < MOST_STEPS - 1


@settings(max_examples=80, deadline=None)
@given(
    turns=st.lists(st.integers(0, 2), max_size=40),
    crashes=st.lists(st.none() | st.integers(0, MOST_STEPS), min_size=3, max_size=3),
)
async def test_three_submissions_in_any_order(turns: list[int], crashes: list[int | None]) -> None:
    store = MemoryBlobStore()
    async with replicas(store, PDF, PDF, PDF) as three:
        for turn in turns:
            crash = crashes[turn]
            if crash is None or three[turn].steps < crash:
                await three[turn].step()
        answers = [await replica.answer() for replica, crash in zip(three, crashes, strict=True) if crash is None]
        assert {answer.status_code for answer in answers} <= {202}
        await check(store, [a.json()["job_id"] for a in answers], crashed=any(c is not None for c in crashes))


@pytest.mark.parametrize("ahead", range(MOST_STEPS))
async def test_of_two_different_requests_one_is_refused(ahead: int) -> None:
    store = MemoryBlobStore()
    async with replicas(store, PDF, PNG) as both:
        for _ in range(ahead):
            await both[0].step()
        answers = [await replica.answer() for replica in reversed(both)]
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    assert len(await names(store, "active/")) == 1
    assert len([name for name in await names(store) if "/raw/" in name]) == 1


LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC) - ADOPTED_WITHIN - timedelta(seconds=1)
"""A ManualClock begins with the year."""


async def gone(store: MemoryBlobStore, state: str) -> Marker:
    """The key stands for a job that is deleted, or about to be; or for an upload that never became a job."""
    job_id = first_job_id_at(LONG_AGO) if state == "abandoned" else None
    old = job_marker(job_id, idempotency=layout.key_hash(KEY))
    await store.put(ENTRY, encode_entry(IdempotencyEntry("its digest", old)))
    if state == "ordered":
        await store.put(layout.marker(old.job_id), encode_marker(old.deletion("user")))
    if state == "tombstone":
        await store.put(layout.record(old.prefix), encode(Tombstone(old.job_id, 2, 9)))
    return old


@pytest.mark.parametrize("state", ["ordered", "tombstone", "abandoned"])
@pytest.mark.parametrize("crash", [None, 0])
async def test_a_key_that_is_free_again_is_taken_by_one(state: str, crash: int | None) -> None:
    for ahead in range(MOST_STEPS):
        store = MemoryBlobStore()
        old = await gone(store, state)
        async with replicas(store, PDF, PDF) as both:
            for _ in range(ahead):
                await both[0].step()
            answers = [await replica.answer() for number, replica in enumerate(both) if number != crash]
        taken = (await entry(store)).marker.job_id
        assert taken != old.job_id
        assert {(answer.status_code, answer.json()["job_id"]) for answer in answers} == {(202, taken)}
        assert layout.marker(taken) in await names(store, "active/")


@pytest.mark.parametrize("state", ["ordered", "tombstone"])
async def test_the_deletion_of_the_old_job_leaves_the_new_ones_entry(state: str) -> None:
    store = MemoryBlobStore()
    old = await gone(store, state)
    async with replicas(store, PDF) as (replica,):
        answer = await replica.answer()
    await Erasure(store, ManualClock(), old.prefix, old.idempotency).run()
    assert (await entry(store)).marker.job_id == answer.json()["job_id"]


async def test_a_young_upload_whose_replica_died_is_taken_up(web: Server) -> None:
    old = await gone(web.store, "abandoned")
    young = replace(old, job_id=first_job_id_at(LONG_AGO + timedelta(hours=1)))
    headers = {"Content-Type": "application/pdf", "Idempotency-Key": KEY}
    digest = (await web.client.post("/api/jobs", content=PDF, headers=headers)).json()
    await web.store.put(ENTRY, encode_entry(replace(await entry(web.store), marker=young)))
    again = (await web.client.post("/api/jobs", content=PDF, headers=headers)).json()
    assert (again["job_id"], digest["job_id"] != young.job_id) == (young.job_id, True)
