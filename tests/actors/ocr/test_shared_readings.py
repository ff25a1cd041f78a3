from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from actors.ocr.protocol import RecognizeRequest
from actors.ocr.shared_readings import KEPT_S, SharedReadings
from cluster.clock import ManualClock
from cluster.origin import Origin


class Reader:
    """Answers with the claim for which it read, once it is let go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.gate = asyncio.Event()
        self.fault: Exception | None = None

    async def read(self, request: RecognizeRequest) -> str:
        self.begun.append(request.origin.epoch)
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        self.ended.append(request.origin.epoch)
        return f"claim {request.origin.epoch}"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def shared(clock: ManualClock) -> SharedReadings[str]:
    return SharedReadings(3, clock, keeps=lambda answer: True)


def asked(epoch: int, page: int = 1) -> RecognizeRequest:
    return RecognizeRequest("job", page, f"page_{page}.png", 6, 4, origin=Origin(epoch=epoch))


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_next_owner_joins_what_is_being_read(shared: SharedReadings[str]) -> None:
    reader = Reader()
    dead = asyncio.create_task(shared.answer(asked(1), reader.read))
    await settled()
    following = asyncio.create_task(shared.answer(asked(2), reader.read))
    await settled()
    reader.gate.set()
    assert (await dead, await following) == ("claim 1", "claim 1")
    assert reader.begun == [1]


async def test_a_claim_takes_an_older_one_s_reading_once(shared: SharedReadings[str]) -> None:
    reader = Reader()
    reader.gate.set()
    await shared.answer(asked(1), reader.read)
    assert await shared.answer(asked(2), reader.read) == "claim 1"
    assert await shared.answer(asked(2), reader.read) == "claim 2"
    assert reader.begun == [1, 2]


async def test_the_next_owner_gets_what_was_just_read(shared: SharedReadings[str]) -> None:
    reader = Reader()
    reader.gate.set()
    await shared.answer(asked(1), reader.read)
    assert await shared.answer(asked(2), reader.read) == "claim 1"
    assert await shared.answer(asked(3), reader.read) == "claim 1"
    assert reader.begun == [1]


@pytest.mark.parametrize(
    "other",
    [
        asked(1),
        asked(2, page=2),
        replace(asked(2), job_id="other"),
        replace(asked(2), image="other.png"),
        replace(asked(2), width=7),
        replace(asked(2), languages=("de",)),
        replace(asked(2), alone=True),
        replace(asked(2), origin=Origin()),
    ],
    ids=["same claim", "page", "job", "image", "size", "languages", "alone", "no claim"],
)
async def test_nothing_else_is_shared(other: RecognizeRequest, shared: SharedReadings[str]) -> None:
    reader = Reader()
    reader.gate.set()
    await shared.answer(asked(1), reader.read)
    assert await shared.answer(other, reader.read) == f"claim {other.origin.epoch}"
    assert len(reader.begun) == 2


async def test_an_older_claim_never_gets_a_newer_one_s(shared: SharedReadings[str]) -> None:
    reader = Reader()
    reader.gate.set()
    await shared.answer(asked(2), reader.read)
    assert await shared.answer(asked(1), reader.read) == "claim 1"


async def test_who_is_cancelled_ends_the_reading_unless_another_waits(shared: SharedReadings[str]) -> None:
    reader = Reader()
    first = asyncio.create_task(shared.answer(asked(1), reader.read))
    await settled()
    second = asyncio.create_task(shared.answer(asked(2), reader.read))
    await settled()
    first.cancel()
    await settled()
    assert first.cancelled()
    assert len(shared) == 1
    second.cancel()
    await settled()
    assert len(shared) == 0
    reader.gate.set()
    await settled()
    assert reader.ended == []


async def test_a_failure_reaches_all_who_wait_and_is_not_kept(shared: SharedReadings[str]) -> None:
    reader = Reader()
    reader.fault = ValueError("no pixels")
    waiting = [asyncio.create_task(shared.answer(asked(epoch), reader.read)) for epoch in (1, 2)]
    await settled()
    reader.gate.set()
    assert [str(error) for error in await asyncio.gather(*waiting, return_exceptions=True)] == ["no pixels"] * 2
    assert len(shared) == 0
    reader.fault = None
    assert await shared.answer(asked(3), reader.read) == "claim 3"


async def test_an_answer_that_is_a_failure_is_read_again(clock: ManualClock) -> None:
    shared: SharedReadings[str] = SharedReadings(3, clock, keeps=lambda answer: answer != "claim 1")
    reader = Reader()
    reader.gate.set()
    await shared.answer(asked(1), reader.read)
    assert await shared.answer(asked(2), reader.read) == "claim 2"


async def test_few_are_kept_and_not_for_long(shared: SharedReadings[str], clock: ManualClock) -> None:
    reader = Reader()
    reader.gate.set()
    for page in range(1, 6):
        await shared.answer(asked(1, page), reader.read)
    assert len(shared) == 3
    assert await shared.answer(asked(2, 1), reader.read) == "claim 2"
    assert await shared.answer(asked(2, 5), reader.read) == "claim 1"
    await clock.advance(KEPT_S + 1)
    shared.forget_old()
    assert len(shared) == 0
