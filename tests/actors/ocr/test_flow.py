from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np

from actors.ocr.batch_queue import Place
from actors.ocr.engine import BatchLimits, Capabilities, PageImage
from actors.ocr.flow import Flow
from actors.ocr.worker_thread import WorkerThread
from cluster.clock import Clock, ManualClock, SystemClock, settle
from cluster.errors import EngineFailed, EngineTimeout, PageError
from cluster.page_text import PageText


class SteppedEngine:
    """Page n is done after n steps. log: what was inside at each step. gate: a step waits for it."""

    name = "stepped"
    version = "1"
    limits = BatchLimits(pages=3, pixels=1000, wait_ms=0)
    capabilities = Capabilities()
    in_flight = 3

    def __init__(self, *, breaks_at: int = 0) -> None:
        self.left: dict[int, int] = {}
        self.pages: dict[int, PageImage] = {}
        self.log: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self._breaks_at = breaks_at

    def load(self) -> None:
        """Nothing."""

    def recognize(self, batch: list[PageImage]) -> list[PageText | PageError]:
        raise NotImplementedError

    def enter(self, page: PageImage) -> None:
        self.pages[page.page] = page
        self.left[page.page] = page.page

    def step(self) -> list[tuple[PageImage, PageText | PageError]]:
        self.gate.wait(10)
        self.log.append(sorted(self.left))
        if self._breaks_at == len(self.log):
            raise RuntimeError("broken")
        self.left = {page: steps - 1 for page, steps in self.left.items()}
        done = [page for page, steps in self.left.items() if steps == 0]
        for page in done:
            del self.left[page]
        return [(self.pages.pop(page), PageText(str(page))) for page in done]


def image(page: int) -> PageImage:
    return PageImage("job", page, np.zeros((1, 1, 3), np.uint8))


@asynccontextmanager
async def flow_of(engine: SteppedEngine, clock: Clock | None = None) -> AsyncIterator[Flow]:
    thread = WorkerThread("flow-test")
    flow = Flow(engine, thread=thread, page_timeout_s=60, clock=clock or SystemClock())
    yield flow
    await flow.close()
    thread.close()


async def read(flow: Flow, page: int, *, alone: bool = False) -> str:
    answer = await flow.submit(image(page), Place("job", 0, alone))
    return answer.text if isinstance(answer, PageText) else type(answer).__name__


async def test_a_page_takes_the_place_of_one_that_is_done() -> None:
    engine = SteppedEngine()
    async with flow_of(engine) as flow:
        engine.gate.clear()
        calls = [asyncio.create_task(read(flow, page)) for page in (1, 4, 2, 3)]
        await settle()
        engine.gate.set()
        assert [await call for call in calls] == ["1", "4", "2", "3"]
        assert (flow.pages, flow.waiting) == (4, 0)
    assert engine.log == [[1, 2, 4], [2, 3, 4], [3, 4], [3, 4]]


async def test_a_page_that_wants_to_be_alone_waits_until_the_engine_is_empty_and_lets_nobody_in() -> None:
    engine = SteppedEngine()
    async with flow_of(engine) as flow:
        engine.gate.clear()
        calls = [asyncio.create_task(read(flow, page, alone=page == 2)) for page in (1, 2, 3)]
        await settle()
        engine.gate.set()
        assert [await call for call in calls] == ["1", "2", "3"]
    assert engine.log == [[1], [2], [2], [3], [3], [3]]


async def test_an_engine_that_breaks_fails_those_inside_and_its_replica() -> None:
    engine = SteppedEngine(breaks_at=2)
    async with flow_of(engine) as flow:
        assert list(await asyncio.gather(read(flow, 1), read(flow, 3))) == ["1", EngineFailed.__name__]
        assert flow.stuck


async def test_an_engine_that_is_not_heard_of_times_out() -> None:
    engine, clock = SteppedEngine(), ManualClock()
    async with flow_of(engine, clock) as flow:
        engine.gate.clear()
        call = asyncio.create_task(read(flow, 1))
        await settle()
        await clock.advance(61)
        assert await call == EngineTimeout.__name__
        assert flow.stuck
        engine.gate.set()


async def test_a_page_whose_caller_has_gone_leaves_the_queue() -> None:
    engine = SteppedEngine()
    engine.in_flight = 1
    async with flow_of(engine) as flow:
        engine.gate.clear()
        first = asyncio.create_task(read(flow, 1))
        second = asyncio.create_task(read(flow, 2))
        await settle()
        second.cancel()
        await settle()
        assert flow.waiting == 0
        engine.gate.set()
        assert await first == "1"
    assert engine.log == [[1]]


async def test_a_close_cancels_all_who_wait_those_behind_a_page_that_wants_to_be_alone_as_well() -> None:
    engine = SteppedEngine()
    async with flow_of(engine) as flow:
        engine.gate.clear()
        calls = [asyncio.create_task(read(flow, page, alone=page == 2)) for page in (1, 2, 3)]
        await settle()
    engine.gate.set()
    done, _ = await asyncio.wait(calls, timeout=10)
    assert [call in done and call.cancelled() for call in calls] == [True] * 3


async def test_a_flow_that_breaks_off_is_stuck() -> None:
    def counts(waited: float, took: float) -> None:
        raise ValueError("no such bucket")

    thread = WorkerThread("test")
    flow = Flow(SteppedEngine(), thread=thread, page_timeout_s=60, clock=SystemClock(), on_page=counts)
    assert (await flow.submit(image(1), Place())) == PageText("1")
    async with asyncio.timeout(10):
        while not flow.stuck:
            await asyncio.sleep(0.001)
    await flow.close()
    thread.close()
