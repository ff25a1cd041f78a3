"""What is done for a job names the request that submitted it and the claim it is done under, wherever it is done."""

from __future__ import annotations

import logging
from dataclasses import replace

import orjson

from actors.ocr.protocol import RecognizeRequest
from actors.render.null_renderer import NullRenderer
from actors.render.protocol import AssembleRequest, DocumentRef, OpenedDocument, RenderAnswer, RenderRequest
from cluster import layout
from cluster.errors import DocumentError, GnosisError, PageError
from cluster.log_lines import JsonLines
from cluster.marker import encode_marker
from cluster.origin import Origin
from cluster.page_text import PageText
from tests.actors.job.host_world import HostWorld, ScriptedOcr

SEEN: list[Origin] = []


class NotingRenderer(NullRenderer):
    async def open(self, document: DocumentRef) -> OpenedDocument | DocumentError:
        SEEN.append(document.origin)
        return await super().open(document)

    async def render(self, requests: list[RenderRequest]) -> list[RenderAnswer]:
        SEEN.extend(request.document.origin for request in requests)
        return await super().render(requests)

    async def assemble(self, request: AssembleRequest) -> dict[str, GnosisError]:
        assert request.document is not None
        SEEN.append(request.document.origin)
        return await super().assemble(request)


class NotingOcr(ScriptedOcr):
    async def recognize(self, requests: list[RecognizeRequest]) -> list[PageText | PageError]:
        SEEN.extend(request.origin for request in requests)
        return await super().recognize(requests)


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


async def test_orders_and_lines_name_request_and_epoch() -> None:
    SEEN.clear()
    world = HostWorld(ocr=NotingOcr())
    world.renderer = NotingRenderer(world.store)
    handler = Lines()
    log = logging.getLogger("actors.job")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        host = world.host()
        marker = await world.accept(2)
        name = layout.marker(marker.job_id)
        await world.store.put(name, encode_marker(replace(marker, request_id="r-1")))
        await host.start()
        await host.adopt(marker.job_id)
        await world.ended(marker)
        await host.drain()
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
    assert len(SEEN) == 1 + 2 + 2 + 1
    assert set(SEEN) == {Origin("r-1", 1)}
    ended = [orjson.loads(line) for line in handler.lines if "ended" in line]
    assert [(line["job"], line["request"], line["epoch"]) for line in ended] == [(marker.job_id, "r-1", 1)]
