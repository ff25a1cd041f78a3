"""One trace a job, from the client's own span to the engine, and nothing at all unless a collector is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from actors.ocr.engine import BatchLimits
from actors.ocr.null_engine import NullEngine
from actors.ocr.ocr_actor import OCRActor
from cluster import layout, tracing
from cluster.marker import Marker, decode_marker
from tests.actors.job.host_world import HostWorld
from tests.serve_app.builders import server
from tests.trace_collector import TraceCollector, trace_collector

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADERS = {"Content-Type": "application/pdf", "traceparent": f"00-{TRACE}-{SPAN}-01"}
BOOK = b"%PDF-1.7 pages 2"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[TraceCollector]:
    with trace_collector() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        tracing.start_tracing("test")
        yield running
        tracing.stop_tracing()


async def unfetched(reference: object) -> NoReturn:
    raise AssertionError("the null engine needs no pixels")


async def read_a_book(folder: Path, headers: dict[str, str]) -> Marker:
    """Submits a document of two pages by HTTP, and has a host and an OCRActor read it."""
    world = HostWorld()
    engine = NullEngine(fault_folder=folder, limits=BatchLimits(pages=4, pixels=10**9, wait_ms=0))
    ocr = OCRActor(engine, world.store, unfetched, needs_pixels=False)
    await ocr.start()
    world.ocr = ocr  # type: ignore[assignment]  # an OcrPool all the same
    web = server(store=world.store)
    answer = await web.client.post("/api/jobs", content=BOOK, headers=headers)
    assert answer.status_code == 202, answer.text
    job_id = answer.json()["job_id"]
    marker = decode_marker((await world.store.read(layout.marker(job_id))).data)
    host = world.host()
    await host.start()
    await host.adopt(job_id)
    record = await world.ended(marker)
    assert (record.status, record.pages_completed) == ("completed", 2)
    await host.drain()
    await ocr.close()
    return marker


async def test_a_job_is_one_trace_from_the_client_s_span_to_the_engine(
    collector: TraceCollector, tmp_path: Path
) -> None:
    job_id = (await read_a_book(tmp_path, HEADERS)).job_id
    tracing.stop_tracing()
    spans = collector.by_id()
    assert {span.trace_id.hex() for span in spans.values()} == {TRACE}
    assert collector.services == {"gnosis-ocr"}
    engine = [span for span in spans.values() if span.name == "OCRActor.recognize"]
    assert len(engine) == 2
    for span in engine:
        asked = spans[span.parent_span_id]
        submitted = spans[asked.parent_span_id]
        assert (asked.name, submitted.name) == ("recognise page", "submit job")
        assert submitted.parent_span_id.hex() == SPAN
        told = {attribute.key: attribute.value for attribute in span.attributes}
        assert told["gnosis.job"].string_value == job_id
        assert told["gnosis.epoch"].int_value == 1
    pages = [a.value.int_value for span in engine for a in span.attributes if a.key == "gnosis.page"]
    assert sorted(pages) == [1, 2]
    assert {"open document", "render page", "save result", "assemble outputs"} <= {span.name for span in spans.values()}


async def test_without_a_client_s_span_a_job_begins_its_own_trace(collector: TraceCollector, tmp_path: Path) -> None:
    await read_a_book(tmp_path, {"Content-Type": "application/pdf", "traceparent": "rubbish"})
    tracing.stop_tracing()
    assert len({span.trace_id for span in collector.spans}) == 1
    assert [span.name for span in collector.spans if not span.parent_span_id] == ["submit job"]


@pytest.mark.parametrize(
    ("variables", "service"),
    [
        ({"OTEL_SERVICE_NAME": "ours"}, "ours"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=theirs"}, "theirs"),
        ({"OTEL_SERVICE_NAME": "ours", "OTEL_RESOURCE_ATTRIBUTES": "service.name=theirs"}, "ours"),
        ({"OTEL_SERVICE_NAME": ""}, "gnosis-ocr"),
    ],
)
def test_the_service_is_called_as_the_environment_says(
    variables: dict[str, str], service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with trace_collector() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        tracing.start_tracing("test")
        with tracing.job_begun(""):
            pass
        tracing.stop_tracing()
    assert running.services == {service}


async def test_nothing_is_traced_unless_a_collector_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tracing.SWITCHES:
        monkeypatch.delenv(name, raising=False)
    tracing.start_tracing("test")
    marker = await read_a_book(tmp_path, HEADERS)
    assert marker.trace == ""
