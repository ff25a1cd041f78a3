from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest

from actors.ocr.batch_queue import Place
from actors.ocr.batcher import Batcher
from actors.ocr.engine import BatchLimits
from actors.ocr.worker_thread import WorkerThread
from cluster.clock import Clock, ManualClock, SystemClock, settle
from cluster.errors import EngineTimeout

LIMITS = BatchLimits(pages=4, pixels=1000, wait_ms=20)
Run = Callable[[list[int]], list[int]]


@pytest.fixture
def thread() -> Iterator[WorkerThread]:
    worker = WorkerThread("test")
    yield worker
    worker.close()


@asynccontextmanager
async def batcher_of(
    run: Run,
    thread: WorkerThread,
    limits: BatchLimits = LIMITS,
    capacity: int = 100,
    page_timeout_s: float = 60,
    clock: Clock | None = None,
    on_batch: Callable[[Sequence[float], float], None] = lambda waits, took: None,
) -> AsyncIterator[Batcher[int, int]]:
    batcher: Batcher[int, int] = Batcher(
        run,
        limits,
        thread=thread,
        cost=lambda item: 1,
        capacity=capacity,
        page_timeout_s=page_timeout_s,
        clock=clock or SystemClock(),
        on_batch=on_batch,
    )
    yield batcher
    await batcher.close()


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not done():
            await asyncio.sleep(0.001)


class Gate:
    """A device that holds every batch until it is opened."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = threading.Event()

    def __call__(self, batch: list[int]) -> list[int]:
        self.batches.append(list(batch))
        self.open.wait(10)
        return [-item for item in batch]


async def test_everyone_gets_their_own_answer(thread: WorkerThread) -> None:
    async with batcher_of(lambda batch: [item * 10 for item in batch], thread) as batcher:
        assert await asyncio.gather(*(batcher.submit(n, Place()) for n in range(10))) == [n * 10 for n in range(10)]
        assert batcher.pages == 10
        assert batcher.batches == 3


async def test_batches_form_while_the_device_is_busy_and_keep_order(thread: WorkerThread) -> None:
    gate = Gate()
    async with batcher_of(gate, thread, limits=BatchLimits(4, 1000, 0)) as batcher:
        calls = [asyncio.create_task(batcher.submit(0, Place()))]
        await until(lambda: len(gate.batches) == 1)
        calls += [asyncio.create_task(batcher.submit(n, Place(alone=n == 6))) for n in range(1, 9)]
        await until(lambda: batcher.waiting == 8)
        gate.open.set()
        assert await asyncio.gather(*calls) == [-n for n in range(9)]
    assert gate.batches == [[0], [1, 2, 3, 4], [5], [6], [7, 8]]


async def test_single_pages_at_high_concurrency_fill_the_batches(thread: WorkerThread) -> None:
    def run(batch: list[int]) -> list[int]:
        time.sleep(0.01)
        return batch

    async def client(batcher: Batcher[int, int], pages: int) -> None:
        for page in range(pages):
            await batcher.submit(page, Place())

    async with batcher_of(run, thread, limits=BatchLimits(16, 1000, 50)) as batcher:
        await asyncio.gather(*(client(batcher, 10) for _ in range(40)))
        assert batcher.pages == 400
        assert batcher.pages / (batcher.batches * 16) >= 0.9


async def test_past_the_capacity_callers_wait(thread: WorkerThread) -> None:
    gate = Gate()
    async with batcher_of(gate, thread, limits=BatchLimits(1, 1000, 0), capacity=2) as batcher:
        calls = [asyncio.create_task(batcher.submit(n, Place())) for n in range(6)]
        await until(lambda: len(gate.batches) == 1)
        await settle()
        assert batcher.waiting == 2
        gate.open.set()
        assert await asyncio.gather(*calls) == [0, -1, -2, -3, -4, -5]


async def test_what_the_runner_raises_reaches_its_batch_alone(thread: WorkerThread) -> None:
    def run(batch: list[int]) -> list[int]:
        if 2 in batch:
            raise ValueError("two")
        return batch

    async with batcher_of(run, thread, limits=BatchLimits(1, 1000, 0)) as batcher:
        answers = await asyncio.gather(*(batcher.submit(n, Place()) for n in range(4)), return_exceptions=True)
    assert [answers[n] for n in (0, 1, 3)] == [0, 1, 3]
    assert isinstance(answers[2], ValueError)


async def test_a_cancelled_caller_leaves_the_queue(thread: WorkerThread) -> None:
    gate = Gate()
    async with batcher_of(gate, thread, limits=BatchLimits(1, 1000, 0), capacity=1) as batcher:
        first = asyncio.create_task(batcher.submit(1, Place()))
        await until(lambda: len(gate.batches) == 1)
        second = asyncio.create_task(batcher.submit(2, Place()))
        await until(lambda: batcher.waiting == 1)
        third = asyncio.create_task(batcher.submit(3, Place()))
        await settle()
        second.cancel()
        gate.open.set()
        assert [await first, await third] == [-1, -3]
    assert gate.batches == [[1], [3]]


async def test_a_batch_past_its_time_is_given_up_and_the_replica_is_stuck(thread: WorkerThread) -> None:
    gate, clock = Gate(), ManualClock()
    limits = BatchLimits(2, 1000, 0)
    async with batcher_of(gate, thread, limits=limits, page_timeout_s=5, clock=clock) as batcher:
        calls = [asyncio.create_task(batcher.submit(n, Place())) for n in range(3)]
        await until(lambda: len(gate.batches) == 1)
        await clock.advance(9.9)
        assert not batcher.stuck
        await clock.advance(0.2)
        errors = await asyncio.gather(*calls[:2], return_exceptions=True)
        assert [type(error) for error in errors] == [EngineTimeout, EngineTimeout]
        assert batcher.stuck
        await settle()
        assert not calls[2].done()  # not to blame: it waits for the thread, or for the end of the process
        gate.open.set()
        assert await calls[2] == -2
        assert batcher.stuck


async def test_a_batcher_that_breaks_off_is_stuck(thread: WorkerThread, caplog: pytest.LogCaptureFixture) -> None:
    def counts(waits: Sequence[float], took: float) -> None:
        raise ValueError("no such bucket")

    async with batcher_of(lambda batch: batch, thread, on_batch=counts) as batcher:
        with pytest.raises(asyncio.CancelledError):
            await batcher.submit(1, Place())
        await until(lambda: batcher.stuck)
    assert "no such bucket" in caplog.text


async def test_close_cancels_who_waits(thread: WorkerThread) -> None:
    gate = Gate()
    async with batcher_of(gate, thread, limits=BatchLimits(1, 1000, 0)) as batcher:
        calls = [asyncio.create_task(batcher.submit(n, Place())) for n in range(3)]
        await until(lambda: len(gate.batches) == 1)
    gate.open.set()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers] == [asyncio.CancelledError] * 3
