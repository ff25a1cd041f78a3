"""Arranging with layout processes that go wrong: a page always comes out, and says what happened."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np
import psutil
import pytest

from actors.content.arranging import PLAIN
from actors.render.arranger import Arranger
from actors.render.call_limits import CallLimits
from actors.render.layout_lanes import IDLE_S, PILE, LayoutLanes
from actors.render.layout_model import NAME
from actors.render.protocol import ArrangeAnswer, ArrangeRequest
from cluster.blobs.faults import Fault, FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import Clock, ManualClock, SystemClock, settle
from cluster.errors import BlobUnavailable, CallOverdue
from cluster.page_text import BlockKind, Line, PageText
from tests.actors.render import broken_layout_children as broken
from tests.actors.render.conftest import itself
from tests.actors.render.read_pages import page_image, page_pixels, read_page

IMAGE = "users/u/jobs/j/page_001.png"
PIXELS = np.full((30, 40, 3), 7, np.uint8)

Made = tuple[Arranger, LayoutLanes]
Make = Callable[..., Made]


@pytest.fixture
async def make(store: MemoryBlobStore) -> AsyncIterator[Make]:
    made: list[Arranger] = []

    def arranger(
        function: str = "break_on_order",
        *,
        most: int = 1,
        clock: Clock | None = None,
        fetch: Any = itself,
        **limits: Any,
    ) -> Made:
        clock = clock or SystemClock()
        lanes = LayoutLanes(most, 400, clock, f"{broken.HERE}:{function}")
        made.append(Arranger(store, fetch, clock, CallLimits(**limits), lanes))
        return made[-1], lanes

    yield arranger
    for each in made:
        await each.close()


def request(text: str = "one", pixels: Any = PIXELS) -> ArrangeRequest:
    lines = (Line("below", (2, 20, 30, 28), 0.9), Line("above", (2, 2, 30, 10), 0.9))
    return ArrangeRequest("j", 1, IMAGE, 40, 30, PageText(text, lines, reason="read at the second try"), pixels)


def plain_reason(answer: ArrangeAnswer) -> str:
    """What the page says of its layout, which must be the plain one, in order."""
    assert isinstance(answer, PageText)
    assert answer.layout == PLAIN
    assert [block.lines for block in answer.blocks] != []
    assert answer.text.split() == ["above", "below"]
    first, _, said = (answer.reason or "").partition("; ")
    assert first == "read at the second try"
    return said


async def test_no_process_is_started_before_the_first_page(make: Make) -> None:
    arranger, lanes = make()
    assert lanes.pids == []
    (answer,) = await arranger.arrange([request()])
    assert isinstance(answer, PageText)
    assert [answer.layout] == [str(pid) for pid in lanes.pids]
    assert answer.reason == "pixels of 7"


async def test_the_process_of_pages_that_are_expected_is_there_when_they_come(make: Make) -> None:
    arranger, lanes = make()
    for _ in range(3):
        arranger.expect_pages()
    while not lanes.pids:
        await asyncio.sleep(0.01)
    (pid,) = lanes.pids
    (answer,) = await arranger.arrange([request()])
    assert isinstance(answer, PageText)
    assert answer.layout == str(pid)
    arranger.expect_pages()
    assert lanes.pids == [pid]


async def test_a_process_whose_pages_never_came_is_ended_and_started_again_for_the_next(make: Make) -> None:
    clock = ManualClock()
    arranger, lanes = make(clock=clock)
    arranger.expect_pages()
    while not lanes.pids:
        await asyncio.sleep(0.01)
    (pid,) = lanes.pids
    await settle()  # the process may have been quicker than the task that ends it
    await clock.advance(IDLE_S + 1)
    async with asyncio.timeout(60):
        while lanes.pids:
            await asyncio.sleep(0.01)
        arranger.expect_pages()
        while not lanes.pids:
            await asyncio.sleep(0.01)
    assert lanes.pids != [pid]


async def test_pages_expected_of_a_process_that_can_not_start_come_out_in_plain_order(make: Make) -> None:
    arranger, _ = make("no_such_function")
    arranger.expect_pages()
    (answer,) = await arranger.arrange([request()])
    assert plain_reason(answer) == "layout: its process can't be started, lines in plain order"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("crash", "the page ended its process"),
        ("out of memory", "the page takes more memory than allowed"),
        ("fail", "the layout model failed (ValueError)"),
        ("garbage", "its process gave a wrong answer (dict)"),
    ],
)
async def test_a_page_that_can_not_be_arranged_stays_in_plain_order(make: Make, text: str, said: str) -> None:
    arranger, _ = make()
    failed, unharmed = await arranger.arrange([request(text), request()])
    assert plain_reason(failed) == f"layout: {said}, lines in plain order"
    assert isinstance(unharmed, PageText)
    assert unharmed.layout != PLAIN


async def test_a_process_that_hangs_is_killed_and_replaced(make: Make) -> None:
    arranger, lanes = make(arrange_s=0.3)
    await arranger.arrange([request()])
    (hung,) = lanes.pids
    failed, unharmed = await arranger.arrange([request("hang"), request()])
    assert plain_reason(failed) == "layout: it took longer than 0.3 s, lines in plain order"
    assert isinstance(unharmed, PageText)
    assert unharmed.layout not in (PLAIN, str(hung))
    assert not psutil.pid_exists(hung)


async def test_a_process_that_dies_under_a_page_costs_it_nothing(make: Make) -> None:
    arranger, lanes = make()
    await arranger.arrange([request()])
    (pid,) = lanes.pids
    arranging = asyncio.create_task(arranger.arrange([request("slow")]))
    await asyncio.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    (answer,) = await arranging
    assert isinstance(answer, PageText)
    assert answer.layout not in (PLAIN, str(pid))


async def test_a_process_that_never_starts(make: Make) -> None:
    arranger, _ = make("never_start")
    (answer,) = await arranger.arrange([request()])
    assert plain_reason(answer) == "layout: its process can't be started, lines in plain order"


@pytest.mark.parametrize(
    "pixels",
    [None, "not pixels at all", PIXELS[:5], PIXELS.astype(np.float32)],
    ids=["none", "no array", "another size", "no bytes"],
)
async def test_without_its_pixels_the_stored_page_image_is_taken(
    store: MemoryBlobStore, make: Make, pixels: Any
) -> None:
    await store.put(IMAGE, b"a page image")
    arranger, _ = make()
    (answer,) = await arranger.arrange([request(pixels=pixels)])
    assert isinstance(answer, PageText)
    assert answer.reason == "stored image"


async def test_a_reference_that_is_lost_is_waited_for_a_while(
    store: MemoryBlobStore, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.ocr.pixel_reference.FETCH_SECONDS", 0.05)

    async def never(reference: object) -> None:
        await asyncio.sleep(600)

    await store.put(IMAGE, b"a page image")
    arranger, _ = make(fetch=never)
    (answer,) = await arranger.arrange([request()])
    assert isinstance(answer, PageText)
    assert answer.reason == "stored image"


async def test_a_page_without_pixels_and_image(store: MemoryBlobStore, make: Make) -> None:
    arranger, _ = make()
    (answer,) = await arranger.arrange([request(pixels=None)])
    assert plain_reason(answer) == "layout: the page image can't be read, lines in plain order"
    await store.put(IMAGE, b"a page image")
    store.faults.add(Fault("read", IMAGE, FaultKind.UNAVAILABLE, None))
    with pytest.raises(BlobUnavailable):
        await arranger.arrange([request(pixels=None)])


async def test_a_page_that_waited_too_long_is_not_begun(make: Make) -> None:
    clock = ManualClock()
    arranger, _ = make(clock=clock, wait_s=5)
    await arranger.arrange([request()])
    arranging = asyncio.create_task(arranger.arrange([request("slow"), request()]))
    await asyncio.sleep(0.1)
    await clock.advance(6)
    first, second = await arranging
    assert isinstance(first, PageText)
    assert isinstance(second, CallOverdue)


async def test_another_process_is_started_only_where_pages_pile_up(make: Make) -> None:
    arranger, lanes = make(most=2)
    await arranger.arrange([request("slow"), request("slow")])
    assert len(lanes.pids) == 1
    answers = await arranger.arrange([request("slow")] * (PILE + 2))
    assert len(lanes.pids) == 2
    assert len({answer.layout for answer in answers if isinstance(answer, PageText)}) == 2


async def test_a_process_without_pages_is_ended_and_the_next_page_starts_another(make: Make) -> None:
    clock = ManualClock()
    arranger, lanes = make(clock=clock)
    await arranger.arrange([request()])
    await clock.advance(IDLE_S - 1)
    await arranger.arrange([request()])
    (pid,) = lanes.pids
    await clock.advance(IDLE_S - 1)
    assert lanes.pids == [pid]
    await clock.advance(2)
    async with asyncio.timeout(5):
        while lanes.pids:
            await asyncio.sleep(0.01)
    assert not psutil.pid_exists(pid)
    (answer,) = await arranger.arrange([request()])
    assert isinstance(answer, PageText)
    assert [answer.layout] == [str(pid) for pid in lanes.pids]


async def test_a_cancelled_page_gives_its_place_back(make: Make) -> None:
    arranger, _ = make()
    await arranger.arrange([request()])
    arranging = asyncio.create_task(arranger.arrange([request("slow")]))
    await asyncio.sleep(0.05)
    arranging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await arranging
    (answer,) = await arranger.arrange([request()])
    assert isinstance(answer, PageText)
    assert answer.layout != PLAIN


async def test_once_closed_pages_come_out_in_plain_order(make: Make) -> None:
    arranger, lanes = make()
    await arranger.arrange([request()])
    (pid,) = lanes.pids
    arranging = asyncio.create_task(arranger.arrange([request("hang")]))
    await asyncio.sleep(0.1)
    await arranger.close()
    (answer,) = await arranging
    assert "layout: " in plain_reason(answer)
    assert not psutil.pid_exists(pid)
    assert lanes.pids == []
    (late,) = await arranger.arrange([request()])
    assert plain_reason(late) == "layout: the Renderer is closed, lines in plain order"


async def test_a_page_is_arranged_by_the_layout_model(store: MemoryBlobStore) -> None:
    """With the real process, by pixels and by the stored image."""
    read, pixels = read_page("columns"), page_pixels("columns")
    await store.put(IMAGE, page_image("columns").read_bytes())
    height, width, _ = pixels.shape
    arranger = Arranger(store, itself, SystemClock(), CallLimits(arrange_s=60), LayoutLanes(1, 800, SystemClock()))
    asked = [ArrangeRequest("j", 1, IMAGE, width, height, read, given) for given in (pixels, None)]
    by_pixels, by_image = await arranger.arrange(asked)
    await arranger.close()
    assert isinstance(by_pixels, PageText)
    assert isinstance(by_image, PageText)
    assert (by_pixels.reason, by_pixels.layout) == (None, NAME)
    assert by_pixels.layout_ms > 0
    assert (by_pixels.text, by_pixels.blocks) == (by_image.text, by_image.blocks)
    assert by_pixels.lines == read.lines
    headings = [block.text for block in by_pixels.blocks if block.kind is BlockKind.HEADING]
    columns = ["Night trains return to the coast", "Library opens its map room", "Bees on the roof of the school"]
    assert [text for text in headings if text in columns] == columns
    assert by_pixels.markdown is not None
    assert "The first one left Oldbridge on Saturday at 22:40 with 146 passengers and arrived" in by_pixels.markdown
