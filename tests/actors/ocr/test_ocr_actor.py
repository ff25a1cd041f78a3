from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.ocr.engine import PageImage, Pixels
from actors.ocr.null_engine import NullEngine
from actors.ocr.ocr_actor import places
from actors.ocr.retirement import RetirementLimits
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock, settle
from cluster.errors import (
    BlobUnavailable,
    EngineCrashed,
    EngineFailed,
    EngineOutOfMemory,
    EngineTimeout,
    PageError,
    ReplicaRetiring,
    StartupError,
)
from cluster.origin import Origin
from cluster.page_text import PageText
from tests.actors.ocr.colour_actor import (
    LIMITS,
    ColourEngine,
    actor_of,
    held_by,
    pixels_of,
    png,
    request,
    texts,
)


async def test_pages_are_answered_in_order() -> None:
    engine = ColourEngine()
    async with actor_of(engine) as actor:
        answers = await actor.recognize([request(n, pixels_of(n * 10)) for n in range(1, 8)])
        assert texts(answers) == [str(n * 10) for n in range(1, 8)]
        assert await actor.recognize([]) == []
        actor.check_health()
        assert await actor.info() == {
            "engine": "colour",
            "engine_version": "1",
            "pages": 7,
            "batches": 2,
            "mean_fill": 7 / 8,
            "queue_length": 0,
            "batch_pages": 4,
            "stuck": False,
            "retiring": False,
        }
    assert engine.batches == [[1, 2, 3, 4], [5, 6, 7]]
    assert engine.loaded_in == "engine-colour"


async def test_a_page_of_a_dead_owner_is_not_read_again_for_the_next() -> None:
    gate = threading.Event()
    engine = ColourEngine(held_by(gate))
    async with actor_of(engine) as actor:
        pages = [request(n, pixels_of(n)) for n in (1, 2)]
        dead = asyncio.create_task(actor.recognize([replace(page, origin=Origin(epoch=1)) for page in pages]))
        await asyncio.sleep(0)
        following = asyncio.create_task(actor.recognize([replace(page, origin=Origin(epoch=2)) for page in pages]))
        await asyncio.sleep(0)
        gate.set()
        assert texts(await following) == texts(await dead) == ["1", "2"]
    assert engine.batches == [[1, 2]]


async def test_a_load_that_fails_stops_the_start(tmp_path: Path) -> None:
    class Unloadable(ColourEngine):
        def load(self) -> None:
            raise StartupError("no weights")

    with pytest.raises(StartupError, match="no weights"):
        async with actor_of(Unloadable()):
            pass


@pytest.mark.parametrize("outcome", ["error", "none", "garbage", "hang", "cancelled"])
async def test_a_reference_that_fails_is_replaced_by_the_stored_image(
    outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetch(reference: Any) -> Any:
        match outcome:
            case "error":
                raise RuntimeError("the owner died")
            case "garbage":
                return np.zeros((4, 6), np.float32)
            case "hang":
                await asyncio.sleep(60)
            case "cancelled":
                raise asyncio.CancelledError
        return None

    monkeypatch.setattr("actors.ocr.pixel_reference.FETCH_SECONDS", 0.05)
    store = MemoryBlobStore()
    await store.put("jobs/page_1.png", png(77))
    async with actor_of(ColourEngine(), store, fetch=fetch) as actor:
        assert texts(await actor.recognize([request(1, "reference")])) == ["77"]


async def test_without_a_reference_the_stored_image_is_read() -> None:
    store = MemoryBlobStore()
    await store.put("jobs/page_1.png", png(5))
    async with actor_of(ColourEngine(), store) as actor:
        assert texts(await actor.recognize([request(1)])) == ["5"]


async def test_a_missing_damaged_or_unreadable_image_fails_its_page_alone() -> None:
    store = MemoryBlobStore()
    await store.put("jobs/page_2.png", b"not an image")
    await store.put("jobs/page_3.png", png(3))
    store.fail("read", "jobs/page_4.png", FaultKind.FORBIDDEN)
    async with actor_of(ColourEngine(), store) as actor:
        answers = await actor.recognize([request(n) for n in (1, 2, 3, 4)])
    assert texts(answers) == ["EngineFailed", "EngineFailed", "3", "EngineFailed"]
    details = [answer.detail for answer in answers if isinstance(answer, PageError)]
    assert [reason in detail for reason, detail in zip(("not in", "decoded", "read"), details, strict=True)] == [
        True
    ] * 3


async def test_a_store_that_is_away_is_no_fault_of_the_page() -> None:
    store = MemoryBlobStore()
    await store.put("jobs/page_1.png", png(5))
    store.fail("read", "jobs/page_1.png", FaultKind.UNAVAILABLE)
    async with actor_of(ColourEngine(), store) as actor:
        with pytest.raises(BlobUnavailable):
            await actor.recognize([request(1)])
        assert texts(await actor.recognize([request(1)])) == ["5"], "asked again once the store is back"


async def test_a_call_ends_with_the_last_of_its_pages() -> None:
    """Or the replica would take itself for idle while one is still read."""
    store = MemoryBlobStore()
    await store.put("jobs/page_1.png", png(5))
    await store.put("jobs/page_2.png", png(5))
    store.fail("read", "jobs/page_1.png", FaultKind.UNAVAILABLE)
    slow = store.fail("read", "jobs/page_2.png", FaultKind.SLOW)
    async with actor_of(ColourEngine(), store) as actor:
        call = asyncio.create_task(actor.recognize([request(1), request(2)]))
        async with asyncio.timeout(10):
            while not slow.hits:
                await asyncio.sleep(0.001)
        await settle()
        assert not call.done()
        slow.gate.set()
        with pytest.raises(BlobUnavailable):
            await call


async def test_pages_that_ask_for_it_are_alone() -> None:
    engine = ColourEngine()
    async with actor_of(engine) as actor:
        await actor.recognize([request(n, pixels_of(n), alone=n == 2) for n in range(1, 5)])
    assert engine.batches == [[1], [2], [3, 4]]


@pytest.mark.parametrize(("raised", "answered"), [(MemoryError(), EngineOutOfMemory), (KeyError("x"), EngineFailed)])
async def test_when_a_batch_raises_the_guilty_page_alone_fails(raised: Exception, answered: type[PageError]) -> None:
    def does(batch: list[PageImage]) -> None:
        if any(page.page == 3 for page in batch):
            raise raised

    engine = ColourEngine(does)
    async with actor_of(engine) as actor:
        answers = await actor.recognize([request(n, pixels_of(n)) for n in range(1, 5)])
    assert texts(answers) == ["1", "2", answered.__name__, "4"]
    assert engine.batches == [[1, 2, 3, 4], [1], [2], [3], [4]]


async def test_a_batch_that_does_not_fit_is_halved_and_so_are_those_after_it() -> None:
    def does(batch: list[PageImage]) -> None:
        if len(batch) > 2:
            raise EngineOutOfMemory

    engine = ColourEngine(does)
    async with actor_of(engine) as actor:
        answers = await actor.recognize([request(n, pixels_of(n)) for n in range(1, 5)])
        assert texts(answers) == ["1", "2", "3", "4"]
        assert texts(await actor.recognize([request(n, pixels_of(n)) for n in range(1, 5)])) == ["1", "2", "3", "4"]
        assert (await actor.info())["batch_pages"] == 2
    assert engine.batches == [[1, 2, 3, 4], [1, 2], [3, 4], [1, 2], [3, 4]]


async def test_a_page_that_does_not_fit_alone_says_so() -> None:
    def does(batch: list[PageImage]) -> None:
        raise EngineOutOfMemory

    async with actor_of(ColourEngine(does)) as actor:
        assert texts(await actor.recognize([request(1, pixels_of(1))])) == ["EngineOutOfMemory"]


async def test_a_replica_retires_after_its_pages_with_nothing_left_undone() -> None:
    gate = threading.Event()
    async with actor_of(ColourEngine(held_by(gate)), retirement=RetirementLimits(pages=3)) as actor:
        calls = [asyncio.create_task(actor.recognize([request(n, pixels_of(n))])) for n in range(1, 6)]
        await asyncio.sleep(0.05)
        actor.check_health()
        gate.set()
        assert [texts(await call) for call in calls] == [["1"], ["2"], ["3"], ["4"], ["5"]]
        with pytest.raises(ReplicaRetiring):
            await actor.recognize([request(6, pixels_of(6))])
        with pytest.raises(ReplicaRetiring, match="5 pages"):
            actor.check_health()


async def test_an_engine_that_loses_answers_fails_no_good_page() -> None:
    class Forgetful(ColourEngine):
        def recognize(self, batch: list[PageImage]) -> list[PageText | PageError]:
            answers = super().recognize(batch)
            return answers if len(batch) == 1 else answers[1:]

    async with actor_of(Forgetful()) as actor:
        assert texts(await actor.recognize([request(n, pixels_of(n)) for n in (1, 2)])) == ["1", "2"]


async def test_a_batch_past_its_time_fails_its_pages_and_the_health() -> None:
    gate, clock = threading.Event(), ManualClock()
    engine = ColourEngine(held_by(gate))
    async with actor_of(engine, page_timeout_s=5, clock=clock) as actor:
        call = asyncio.create_task(actor.recognize([request(n, pixels_of(n)) for n in (1, 2)]))
        async with asyncio.timeout(10):
            while not engine.batches:
                await asyncio.sleep(0.001)
        actor.check_health()
        await clock.advance(10)
        answers = await call
        assert [type(answer) for answer in answers] == [EngineTimeout, EngineTimeout]
        with pytest.raises(EngineCrashed):
            actor.check_health()
        assert (await actor.info())["stuck"]
        gate.set()


async def test_pixels_are_let_go_with_their_batch() -> None:
    kept: list[weakref.ref[Any]] = []

    async def fetch(reference: Any) -> Pixels:
        pixels = pixels_of(reference)
        kept.append(weakref.ref(pixels))
        return pixels

    async with actor_of(ColourEngine(), fetch=fetch) as actor:
        await actor.recognize([request(n, n) for n in range(1, 6)])
        await asyncio.sleep(0.01)
        gc.collect()
        assert [ref() for ref in kept] == [None] * 5


async def test_no_more_pixels_are_fetched_than_there_are_places() -> None:
    gate = threading.Event()
    fetched: list[int] = []

    async def fetch(reference: Any) -> Pixels:
        fetched.append(reference)
        return pixels_of(reference)

    async with actor_of(ColourEngine(held_by(gate)), fetch=fetch) as actor:
        call = asyncio.create_task(actor.recognize([request(n, n) for n in range(1, 41)]))
        await asyncio.sleep(0.05)
        assert len(fetched) == places(LIMITS.pages)
        gate.set()
        assert texts(await call) == [str(n) for n in range(1, 41)]


async def test_an_engine_that_needs_no_pixels_gets_the_size_alone(tmp_path: Path) -> None:
    engine = NullEngine(fault_folder=tmp_path, limits=LIMITS)
    async with actor_of(engine, needs_pixels=False) as actor:
        (answer,) = await actor.recognize([replace(request(9), width=5000, height=7000)])
    assert texts([answer]) == ["page 9\n5000 x 7000 pixels"]


async def test_a_cancelled_call_takes_its_pages_out() -> None:
    gate = threading.Event()
    engine = ColourEngine(held_by(gate))
    async with actor_of(engine) as actor:
        first = asyncio.create_task(actor.recognize([request(1, pixels_of(1))]))
        async with asyncio.timeout(10):
            while not engine.batches:
                await asyncio.sleep(0.001)
        second = asyncio.create_task(actor.recognize([request(2, pixels_of(2))]))
        third = asyncio.create_task(actor.recognize([request(3, pixels_of(3))]))
        await asyncio.sleep(0.01)
        second.cancel()
        gate.set()
        assert texts(await first + await third) == ["1", "3"]
    assert engine.batches == [[1], [3]]
