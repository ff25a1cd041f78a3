"""The work on pages, as a host has it done."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from actors.content.arranging import PLAIN
from actors.job.ports import ReplicaLost
from actors.ocr.protocol import RecognizeRequest
from actors.render.null_renderer import NullRenderer
from actors.render.protocol import ArrangeAnswer, ArrangeRequest, RenderAnswer, RenderRequest, TextPage
from cluster import layout
from cluster.blobs.memory import MemoryBlobStore
from cluster.errors import CallOverdue, PageError
from cluster.page_text import Line, PageText, decode_result
from cluster.record import JobRecord, JobStatus
from tests.actors.job.host_world import HostWorld, ScriptedOcr


class BusyRenderer(NullRenderer):
    """Answers ``times`` calls for each page that they have waited too long."""

    def __init__(self, store: MemoryBlobStore, times: int) -> None:
        super().__init__(store)
        self._times = times
        self.asked: Counter[int] = Counter()

    async def render(self, requests: list[RenderRequest]) -> list[RenderAnswer]:
        self.asked.update(request.page for request in requests)
        rendered = await super().render(requests)
        return [
            CallOverdue() if self.asked[request.page] <= self._times else answer
            for request, answer in zip(requests, rendered, strict=True)
        ]


async def test_a_page_that_waited_too_long_for_its_replica_is_asked_for_again_at_no_cost() -> None:
    world = HostWorld()
    renderer = BusyRenderer(world.store, times=5)
    world.renderer = renderer
    host = world.host()
    await host.start()
    marker = await world.accept(3)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    assert record.status is JobStatus.COMPLETED
    assert renderer.asked == Counter({1: 6, 2: 6, 3: 6})
    assert [page.attempts for page in record.pages.values()] == [1, 1, 1]
    await host.drain()


LINES = (Line("below", (0, 40, 50, 50), 0.9), Line("above", (0, 0, 50, 10), 0.9))


class ReadingOcr(ScriptedOcr):
    """Reads two lines on every page, in the wrong order; Markdown on page 2."""

    async def recognize(self, requests: list[RecognizeRequest]) -> list[PageText | PageError]:
        return [
            PageText("below\nabove", LINES, markdown="# Its own" if request.page == 2 else None, engine="scripted")
            for request in requests
        ]


class ArrangingRenderer(NullRenderer):
    """Arranges the lines from top to bottom. faults: raised or answered instead, in turn."""

    def __init__(self, store: MemoryBlobStore, *faults: Exception) -> None:
        super().__init__(store)
        self.store = store
        self.faults = list(faults)
        self.asked: list[ArrangeRequest] = []

    async def arrange(self, requests: list[ArrangeRequest]) -> list[ArrangeAnswer]:
        self.asked += requests
        if self.faults:
            fault = self.faults.pop(0)
            if isinstance(fault, CallOverdue):
                return [fault for _ in requests]
            raise fault
        return [
            replace(request.read, text="above\n\nbelow", markdown="arranged", layout="model", layout_ms=7, skew=1.5)
            for request in requests
        ]


async def read_with(renderer: ArrangingRenderer, pages: int = 1, **options: object) -> tuple[JobRecord, list[PageText]]:
    """The job's record and its pages' texts as stored."""
    world = HostWorld(store=renderer.store, ocr=ReadingOcr(), renderer=renderer)
    host = world.host()
    await host.start()
    marker = await world.accept(pages, options=options)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    await host.drain()
    results = [layout.page_result(marker.prefix, page) for page in range(1, pages + 1)]
    return record, [decode_result((await world.store.read(name)).data).read for name in results]


async def test_lines_without_markdown_are_arranged_and_the_record_says_so() -> None:
    renderer = ArrangingRenderer(MemoryBlobStore())
    record, (first, second) = await read_with(renderer, 2)
    assert (first.text, first.markdown, first.layout) == ("above\n\nbelow", "arranged", "model")
    assert (second.text, second.markdown, second.layout) == ("below\nabove", "# Its own", None)
    assert [(page.layout, page.layout_ms, page.skew) for page in record.pages.values()] == [
        ("model", 7, 1.5),
        (None, 0, 0.0),
    ]
    (asked,) = renderer.asked
    assert (asked.page, asked.width, asked.height, asked.read.lines) == (1, 85, 110, LINES)
    assert asked.image.endswith("/page_001.png")


async def test_a_page_that_waited_too_long_to_be_arranged_is_sent_again() -> None:
    renderer = ArrangingRenderer(MemoryBlobStore(), CallOverdue(), CallOverdue())
    record, (page,) = await read_with(renderer)
    assert page.layout == "model"
    assert len(renderer.asked) == 3
    assert record.pages[1].attempts == 1


async def test_a_page_that_loses_its_renderer_once_is_arranged_by_another() -> None:
    renderer = ArrangingRenderer(MemoryBlobStore(), ReplicaLost("gone"))
    record, (page,) = await read_with(renderer)
    assert page.layout == "model"
    assert record.pages[1].attempts == 1


async def test_a_page_that_loses_its_renderer_twice_is_put_in_plain_order() -> None:
    renderer = ArrangingRenderer(MemoryBlobStore(), ReplicaLost("gone"), ReplicaLost("gone"))
    record, (page,) = await read_with(renderer)
    assert record.status is JobStatus.COMPLETED
    assert page.layout == PLAIN
    assert page.text.split() == ["above", "below"]
    assert record.pages[1].reason == "layout: its Renderer was lost twice, lines in plain order"


async def test_without_the_layout_step_lines_stay_as_the_engine_read_them() -> None:
    renderer = ArrangingRenderer(MemoryBlobStore())
    record, (page,) = await read_with(renderer, layout="plain")
    assert (page.text, page.markdown, page.layout) == ("below\nabove", None, None)
    assert renderer.asked == []
    assert record.pages[1].layout is None


class BornDigital(NullRenderer):
    """Takes the text of odd pages from the document."""

    async def render(self, requests: list[RenderRequest]) -> list[RenderAnswer]:
        rendered = await super().render(requests)
        self.modes = {(request.mode, request.layout, request.dpi) for request in requests}
        return [
            TextPage(request.page, 612, 792, 1275, 1650, own_text(request.page)) if request.page % 2 else answer
            for request, answer in zip(requests, rendered, strict=True)
        ]


def own_text(page: int) -> PageText:
    line = Line(f"own text {page}", (72, 72, 144, 84), 1.0)
    return PageText(line.text, (line,), engine="pymupdf", engine_version="1", source="embedded", confidence=1.0)


async def test_a_page_whose_own_text_is_taken_is_stored_as_it_is_and_no_engine_sees_it() -> None:
    world = HostWorld()
    world.renderer = renderer = BornDigital(world.store)
    host = world.host()
    await host.start()
    marker = await world.accept(4, options={"mode": "auto", "dpi": 100, "layout": "plain"})
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, record.pages_extracted, record.percent) == (JobStatus.COMPLETED, 4, 100)
    assert [page.source for page in record.pages.values()] == ["embedded", "ocr", "embedded", "ocr"]
    assert [page.image for page in record.pages.values()] == [None, "page_002.png", None, "page_004.png"]
    assert sorted(world.ocr.reads) == [2, 4]
    assert renderer.modes == {("auto", "plain", 100)}
    result = decode_result((await world.store.read(layout.page_result(marker.prefix, 3))).data)
    assert (result.image, result.image_width, result.image_height) == (None, 1275, 1650)
    assert (result.width, result.height, result.read) == (612, 792, own_text(3)), "points, not scaled"
    await host.drain()


async def test_the_languages_of_a_job_reach_its_engine() -> None:
    world = HostWorld()
    asked: list[tuple[str, ...]] = []
    recognize = world.ocr.recognize

    async def noted(requests: list[RecognizeRequest]) -> list[PageText | PageError]:
        asked.extend(request.languages for request in requests)
        return await recognize(requests)

    world.ocr.recognize = noted  # type: ignore[method-assign]
    host = world.host()
    await host.start()
    marker = await world.accept(1, options={"languages": "de,zh-hant"})
    await host.adopt(marker.job_id)
    await world.ended(marker)
    assert asked == [("de", "zh-hant")]
    await host.drain()
