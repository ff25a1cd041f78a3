"""A real run observed: every metric comes out of Ray's exporter, every panel of the dashboards shows something, and log
lines and traces lead from a request to what was done for it in every process.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from cluster.metrics import ALL, GPU_MEMORY
from tests.deploy.queries import Query, alert_rules, panel_queries
from tests.e2e.books import small_book
from tests.e2e.live_cluster import LiveCluster, live_cluster
from tests.ports import free_port
from tests.prometheus import running_prometheus
from tests.trace_collector import TraceCollector, trace_collector

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

PATIENCE_S = 150
NEED_A_GPU = frozenset({"pool: GPU memory"})


REQUEST, TRACE, SPAN = "a-request-to-follow", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PAGES = 12
ROLES = {
    "serve_app.submission": "Ingress",
    "actors.job.page_work": "JobHost",
    "actors.render.renderer": "Renderer",
    "actors.ocr.ocr_actor": "OCRActor",
}
"""For each kind of process a module that runs nowhere else, as log lines name it."""


@pytest.fixture(scope="module")
def collector() -> Iterator[TraceCollector]:
    """Which the cluster is told of as any program is."""
    with trace_collector() as running, pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "500")
        yield running


@pytest.fixture(scope="module")
def cluster(collector: TraceCollector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCluster]:
    settings = {
        "engines": "null",
        "batch_size": "4",
        "null_delay_ms": "20",
        "log_format": "json",
        "log_level": "DEBUG",
        "dashboard_port": str(free_port()),
    }
    # With a port for the dashboard, and so with one: it is what tells Prometheus of the nodes.
    with live_cluster(tmp_path_factory.mktemp("store"), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book(tmp_path_factory.mktemp("book"), PAGES)


@pytest.fixture(scope="module")
def followed(cluster: LiveCluster, book: Path) -> str:
    """A job that has ended, submitted by a client that names its request and its trace."""
    headers = {"X-Request-Id": REQUEST, "traceparent": f"00-{TRACE}-{SPAN}-01"}
    with book.open("rb") as file:
        answer = cluster.http.post("/api/jobs", files={"file": (book.name, file)}, headers=headers)
    job_id = str(answer.json()["job_id"])
    assert cluster.ended(job_id)["status"] == "completed"
    return job_id


@pytest.fixture(scope="module")
def only_job(cluster: LiveCluster, book: Path) -> str:
    """The first job of the cluster, which has ended."""
    job_id = cluster.submit(book)
    assert cluster.ended(job_id)["status"] == "completed"
    return job_id


def test_every_metric_is_exported_and_names_no_job(cluster: LiveCluster, only_job: str) -> None:
    wanted = {name for metric in ALL if metric is not GPU_MEMORY for name in metric.exported}
    missing, text = wanted, ""
    end = time.monotonic() + PATIENCE_S
    while missing and time.monotonic() < end:
        time.sleep(1)
        text = exposition(cluster)
        missing = wanted - set(re.findall(r"^(ray_gnosis_\w+)\{", text, re.MULTILINE))
    assert not missing
    ours = [line for line in text.splitlines() if line.startswith("ray_gnosis_")]
    assert not [line for line in ours if only_job in line]
    assert counted(ours, "ray_gnosis_pages_ended_total", outcome="completed", engine="null", source="ocr") == PAGES
    assert counted(ours, "ray_gnosis_jobs_ended_total", status="completed") == 1
    assert counted(ours, "ray_gnosis_stage_seconds_count", stage="recognise") == PAGES
    assert counted(ours, "ray_gnosis_batch_pages_summed_total", engine="null") == PAGES


@pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="Prometheus (apt-get install prometheus) is not installed"
)
def test_every_panel_shows_data_and_no_alert_fires(cluster: LiveCluster, book: Path) -> None:
    queries = [query for query in panel_queries() if query.where not in NEED_A_GPU]
    with running_prometheus(cluster.ray_folder) as prometheus:
        empty = queries
        end = time.monotonic() + PATIENCE_S
        while empty and time.monotonic() < end:
            cluster.ended(cluster.submit(book))
            time.sleep(1)
            empty = [query for query in empty if not has_data(prometheus, query)]
        assert not [query.where for query in empty]
        rules = prometheus.get("/api/v1/rules").json()["data"]["groups"][0]["rules"]
        assert {rule["name"] for rule in rules} == {rule["alert"] for rule in alert_rules()}
        assert {rule["health"] for rule in rules} <= {"ok", "unknown"}
        alerts = prometheus.get("/api/v1/alerts").json()["data"]["alerts"]
        # One that waits for its time to pass is none yet: Prometheus may have looked before a process told of itself.
        assert [alert for alert in alerts if alert["state"] == "firing"] == []


def test_log_lines_of_every_process_name_request_job_and_page(cluster: LiveCluster, followed: str) -> None:
    told: dict[str, list[dict[str, Any]]] = {}

    def found() -> bool:
        told.clear()
        for line in log_lines(cluster):
            if line.get("job") == followed:
                told.setdefault(line["logger"], []).append(line)
        return ROLES.keys() <= told.keys() and f"job {followed} ended: completed" in messages(told)

    cluster.wait(found, 30)
    assert {line.get("request") for lines in told.values() for line in lines} == {REQUEST}
    assert f"job {followed} accepted" in messages(told)
    written_by = {role: {line["file"] for line in told[logger]} for logger, role in ROLES.items()}
    assert len(set().union(*written_by.values())) == sum(map(len, written_by.values())), "each in processes of its own"
    for logger in set(ROLES) - {"serve_app.submission"}:
        pages = [line for line in told[logger] if "page" in line]
        assert {line["page"] for line in pages} == set(range(1, PAGES + 1)), logger
        assert {line["epoch"] for line in pages} == {1}, logger


def messages(told: dict[str, list[dict[str, Any]]]) -> set[str]:
    return {line["message"] for lines in told.values() for line in lines}


def test_a_job_is_one_trace_through_all_processes(
    cluster: LiveCluster, followed: str, collector: TraceCollector
) -> None:
    def ours(name: str) -> list[Span]:
        return [span for span in list(collector.spans) if span.trace_id.hex() == TRACE and span.name == name]

    once, each_page = ("submit job", "Renderer.open", "Renderer.assemble"), ("Renderer.render", "OCRActor.recognize")
    wanted = dict.fromkeys(once, 1) | dict.fromkeys((*each_page, "save result"), PAGES)
    # More than one where a busy Renderer had a page asked for again.
    cluster.wait(lambda: all(len(ours(name)) >= count for name, count in wanted.items()), 60)
    spans = collector.by_id()
    [submitted] = ours("submit job")
    assert (submitted.parent_span_id.hex(), collector.roles[submitted.span_id]) == (SPAN, "Ingress")
    for name, ordered_by in zip(each_page, ("render page", "recognise page"), strict=True):
        for span in ours(name):
            ordered = spans[span.parent_span_id]
            roles = collector.roles[span.span_id], collector.roles[ordered.span_id]
            assert (ordered.name, roles) == (ordered_by, (name.partition(".")[0], "JobHost"))
            assert ordered.parent_span_id == submitted.span_id
            assert ordered.start_time_unix_nano <= span.start_time_unix_nano <= ordered.end_time_unix_nano
        told = [{a.key: a.value for a in span.attributes} for span in ours(name)]
        assert {each["gnosis.page"].int_value for each in told} == set(range(1, PAGES + 1))
        assert {each["gnosis.job"].string_value for each in told} == {followed}


def log_lines(cluster: LiveCluster) -> Iterator[dict[str, Any]]:
    """file: of the process that wrote the line."""
    for path in (cluster.ray_folder / "session_latest" / "logs").glob("worker-*.err"):
        for line in path.read_text("utf-8", "replace").splitlines():
            if line.startswith('{"time"'):
                yield {**json.loads(line), "file": path.name}


def exposition(cluster: LiveCluster) -> str:
    """What all nodes tell; nothing of one that does not listen yet."""
    found = json.loads((cluster.ray_folder / "prom_metrics_service_discovery.json").read_text("utf-8"))
    targets = [target for group in found for target in group["targets"]]
    told = []
    for target in targets:
        with suppress(httpx.ConnectError):
            told.append(httpx.get(f"http://{target}/metrics", timeout=30).text)
    return "\n".join(told)


def counted(lines: list[str], name: str, **labels: str) -> float:
    """The sum over the series of that name with these labels."""
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(
        float(line.rsplit(" ", 1)[1])
        for line in lines
        if line.startswith(name + "{") and all(label in line for label in wanted)
    )


def has_data(prometheus: httpx.Client, query: Query) -> bool:
    """Whether a series of the panel has a number at this moment."""
    expression = query.expression.replace("$__rate_interval", "1m")
    answer: dict[str, Any] = prometheus.get("/api/v1/query", params={"query": expression}).json()
    assert answer["status"] == "success", f"{query.where}: {answer}"
    return any(math.isfinite(float(series["value"][1])) for series in answer["data"]["result"])
