from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest

from cluster.clock import SystemClock
from gnosis_ocr import GnosisError, Job, OptionInvalid, Overloaded, ServerUnreachable, TooManyJobs
from serve_app.exit_codes import ExitCode
from serve_app.reading.order import Format, ReadingOrder
from serve_app.reading.progress import ReadingProgress
from serve_app.reading.report import Report
from serve_app.reading.shelf import Hands
from serve_app.reading.sitting import PATIENCE_S, Sitting
from tests.serve_app.reading.stub_client import StubClient, job

DOCUMENTS = (Path("a.pdf"), Path("b.pdf"), Path("c.pdf"))
FULL = TooManyJobs("full", status=429, code="too_many_jobs", retry_after=3)


class Impatient(SystemClock):
    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


class Reading:
    """A sitting over a client, and what came of it."""

    def __init__(self, client: StubClient, *, at_once: int = 1) -> None:
        self._printed = io.BytesIO()
        self.clock = Impatient()
        order = ReadingOrder({}, Format.MD)
        self.report = Report(io.TextIOWrapper(self._printed), Format.MD, len(DOCUMENTS), as_json=False, folder=None)
        progress, shelf = ReadingProgress(len(DOCUMENTS)), Hands(order)
        self.sitting = Sitting(
            client.as_client, order, shelf, progress, at_once=at_once, report=self.report, clock=self.clock
        )

    @property
    def printed(self) -> str:
        return self._printed.getvalue().decode()

    async def ended(self) -> ExitCode:
        await self.sitting.read(DOCUMENTS)
        self.report.close(0)
        return self.report.code


async def test_a_refusal_for_want_of_a_place_is_waited_out_while_others_go_on() -> None:
    free = asyncio.Event()

    async def slow() -> Job:
        await free.wait()
        return job()

    async def accepted() -> Job:
        free.set()
        return job()

    busy = Overloaded("busy", status=503, code="overloaded")
    reading = Reading(StubClient([slow, FULL, busy, accepted, job()]), at_once=2)
    assert await reading.ended() is ExitCode.OK
    assert reading.clock.slept == [3, PATIENCE_S]


async def test_with_nobody_to_make_place_it_is_the_documents_fault() -> None:
    reading = Reading(StubClient([FULL, job(), job()]))
    assert await reading.ended() is ExitCode.FAILED
    assert reading.clock.slept == []
    assert reading.printed.count("==>") == 2


@pytest.mark.parametrize(
    "fault", [ServerUnreachable("gone."), OptionInvalid("`mode` is bad.", status=400, code="option_invalid")]
)
async def test_what_concerns_all_ends_the_sitting(fault: GnosisError) -> None:
    client = StubClient([job(), fault, job()])
    reading = Reading(client)
    await reading.ended()
    assert reading.sitting.broken is fault
    assert client.asked.count("submit") == 2


async def test_results_come_in_order_whichever_is_first() -> None:
    later = asyncio.Event()

    async def slow() -> Job:
        await later.wait()
        return job()

    async def last() -> Job:
        later.set()
        return job()

    reading = Reading(StubClient([slow, job(), last]), at_once=3)
    await reading.ended()
    assert [line for line in reading.printed.splitlines() if "==>" in line] == [f"==> {each} <==" for each in DOCUMENTS]


async def test_what_waited_for_one_that_never_came_is_told_at_the_end() -> None:
    reading = Reading(StubClient([ServerUnreachable("gone."), job(), job()]), at_once=3)
    await reading.ended()
    assert reading.printed.count("==>") == 2
