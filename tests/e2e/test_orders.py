"""Retry and delete on a real cluster."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.e2e.books import small_book
from tests.e2e.live_cluster import LiveCluster, live_cluster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PAGES = 12
FAILING = 3


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCluster]:
    settings = {
        "engines": "null",
        "batch_size": "1",
        "null_delay_ms": "100",
        "null_faults": f"fail:page={FAILING},times=3",
        "null_fault_folder": str(tmp_path_factory.mktemp("faults")),
    }
    with live_cluster(tmp_path_factory.mktemp("store"), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book(tmp_path_factory.mktemp("book"), PAGES)


def stored(cluster: LiveCluster, job_id: str) -> dict[str, Path]:
    """The job's blobs by name."""
    return {path.name: path for path in cluster.store.rglob(f"jobs/{job_id}/**/*") if path.is_file()}


def test_a_retry_reads_the_failed_page_alone_and_a_deletion_leaves_a_tombstone(
    cluster: LiveCluster, book: Path
) -> None:
    job_id = cluster.submit(book)
    first = cluster.ended(job_id)
    assert (first["status"], first["pages_failed"]) == ("partial", 1)
    before = {name: path.stat().st_mtime_ns for name, path in stored(cluster, job_id).items() if "result.json" in name}

    answer = cluster.http.post(f"/api/jobs/{job_id}/retry")
    assert (answer.status_code, answer.json()["run"]) == (202, 2), answer.text
    second = cluster.ended(job_id)
    assert (second["status"], second["run"], second["pages_completed"]) == ("completed", 2, PAGES)
    assert all(stored(cluster, job_id)[name].stat().st_mtime_ns == at for name, at in before.items())
    text = cluster.http.get(f"/api/jobs/{job_id}/result", params={"format": "txt"}).text
    assert f"page {FAILING}\n" in text
    again = cluster.http.post(f"/api/jobs/{job_id}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_retry")

    assert cluster.http.delete(f"/api/jobs/{job_id}").status_code == 204
    for way in ("", "/status", "/result", "/pages/1", "/pages/1/image"):
        assert cluster.http.get(f"/api/jobs/{job_id}{way}").status_code == 404, way
    assert cluster.http.delete(f"/api/jobs/{job_id}").status_code == 404
    cluster.wait(lambda: list(stored(cluster, job_id)) == ["processing.json"], 30)
    record = stored(cluster, job_id)["processing.json"]
    cluster.wait(lambda: orjson.loads(record.read_bytes())["status"] == "deleted", 30)
    tombstone = orjson.loads(record.read_bytes())
    assert set(tombstone) <= {"job_id", "epoch", "revision", "status", "schema_version"}
    assert job_id not in cluster.http.get("/api/jobs").text


def test_a_job_is_deleted_while_it_is_read(cluster: LiveCluster, book: Path) -> None:
    job_id = cluster.submit(book)
    cluster.wait(lambda: cluster.status(job_id)["pages_completed"] >= 2, 60)
    begun = time.monotonic()
    assert cluster.http.delete(f"/api/jobs/{job_id}").status_code == 204
    assert time.monotonic() - begun < 10
    assert cluster.http.get(f"/api/jobs/{job_id}/status").status_code == 404
    cluster.wait(lambda: list(stored(cluster, job_id)) == ["processing.json"], 30)
    other = cluster.ended(cluster.submit(book))
    assert other["status"] in ("completed", "partial")
    assert list(stored(cluster, job_id)) == ["processing.json"], "nothing that was in flight came back"
