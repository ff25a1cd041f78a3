"""A real run observed: every metric comes out of Ray's exporter, every panel of the dashboards shows something, and log
lines lead from a request to what was done for it.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from cluster.metrics import ALL, GPU_MEMORY
from tests.deploy.queries import Query, alert_rules, panel_queries
from tests.e2e.books import small_book
from tests.e2e.live_cluster import LiveCluster, live_cluster
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

OBSERVE = Path(__file__).resolve().parents[2] / "deploy" / "prometheus" / "observe.sh"
PATIENCE_S = 150
NEED_A_GPU = frozenset({"pool: GPU memory"})


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCluster]:
    settings = {
        "engines": "null",
        "batch_size": "4",
        "null_delay_ms": "20",
        "log_format": "json",
        "dashboard_port": str(free_port()),
    }
    # With a port for the dashboard, and so with one: it is what tells Prometheus of the nodes.
    with live_cluster(tmp_path_factory.mktemp("store"), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book(tmp_path_factory.mktemp("book"), 12)


def test_every_metric_is_exported_and_names_no_job(cluster: LiveCluster, book: Path) -> None:
    job_id = cluster.submit(book)
    assert cluster.ended(job_id)["status"] == "completed"
    wanted = {name for metric in ALL if metric is not GPU_MEMORY for name in metric.exported}
    missing, text = wanted, ""
    end = time.monotonic() + PATIENCE_S
    while missing and time.monotonic() < end:
        time.sleep(1)
        text = exposition(cluster)
        missing = wanted - set(re.findall(r"^(ray_gnosis_\w+)\{", text, re.MULTILINE))
    assert not missing
    ours = [line for line in text.splitlines() if line.startswith("ray_gnosis_")]
    assert not [line for line in ours if job_id in line]
    assert counted(ours, "ray_gnosis_pages_ended_total", outcome="completed", engine="null", source="ocr") == 12
    assert counted(ours, "ray_gnosis_jobs_ended_total", status="completed") == 1
    assert counted(ours, "ray_gnosis_stage_seconds_count", stage="recognise") == 12


@pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="Prometheus (apt-get install prometheus) is not installed"
)
def test_every_panel_shows_data_and_no_alert_fires(cluster: LiveCluster, book: Path) -> None:
    queries = [query for query in panel_queries() if query.where not in NEED_A_GPU]
    with observed(cluster) as prometheus:
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


def test_log_lines_of_several_processes_name_request_and_job(cluster: LiveCluster, book: Path) -> None:
    with book.open("rb") as file:
        headers = {"X-Request-Id": "a-request-to-follow"}
        answer = cluster.http.post("/api/jobs", files={"file": (book.name, file)}, headers=headers)
    job_id = answer.json()["job_id"]
    cluster.ended(job_id)
    told: dict[str, dict[str, Any]] = {}

    def found() -> bool:
        told.update({line["message"]: line for line in log_lines(cluster) if line.get("job") == job_id})
        return any("ended" in message for message in told)

    cluster.wait(found, 30)
    accepted, ended = told[f"job {job_id} accepted"], told[f"job {job_id} ended: completed"]
    assert {accepted["request"], ended["request"]} == {"a-request-to-follow"}
    assert ended["epoch"] == 1
    assert accepted["logger"] == "serve_app.submission"


def log_lines(cluster: LiveCluster) -> Iterator[dict[str, Any]]:
    for path in (cluster.ray_folder / "session_latest" / "logs").glob("worker-*.err"):
        for line in path.read_text("utf-8", "replace").splitlines():
            if line.startswith('{"time"'):
                yield json.loads(line)


def exposition(cluster: LiveCluster) -> str:
    found = json.loads((cluster.ray_folder / "prom_metrics_service_discovery.json").read_text("utf-8"))
    targets = [target for group in found for target in group["targets"]]
    return "\n".join(httpx.get(f"http://{target}/metrics", timeout=30).text for target in targets)


def counted(lines: list[str], name: str, **labels: str) -> float:
    """The sum over the series of that name with these labels."""
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(
        float(line.rsplit(" ", 1)[1])
        for line in lines
        if line.startswith(name + "{") and all(label in line for label in wanted)
    )


@contextmanager
def observed(cluster: LiveCluster) -> Iterator[httpx.Client]:
    """Prometheus beside the cluster, as ``make observe`` starts it."""
    port = free_port()
    environment = {"GNOSIS_RAY_TEMP_DIR": str(cluster.ray_folder), "GNOSIS_PROMETHEUS_PORT": str(port)}
    script = subprocess.Popen([str(OBSERVE)], env={**os.environ, **environment}, start_new_session=True)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            cluster.wait(lambda: is_ready(client), 60)
            yield client
    finally:
        os.killpg(script.pid, signal.SIGTERM)
        script.wait(30)


def is_ready(prometheus: httpx.Client) -> bool:
    try:
        return prometheus.get("/-/ready").status_code == 200
    except httpx.TransportError:
        return False


def has_data(prometheus: httpx.Client, query: Query) -> bool:
    """Whether a series of the panel has a number at this moment."""
    expression = query.expression.replace("$__rate_interval", "1m")
    answer: dict[str, Any] = prometheus.get("/api/v1/query", params={"query": expression}).json()
    assert answer["status"] == "success", f"{query.where}: {answer}"
    return any(math.isfinite(float(series["value"][1])) for series in answer["data"]["result"])
