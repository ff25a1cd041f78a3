"""Processes are killed in the middle of a job: the job completes, no page is lost, no finished page is read again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cluster.clock import to_text
from tests.e2e.conftest import PAGES, SLOW
from tests.e2e.live_cluster import LiveCluster, live_cluster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def stored_results(cluster: LiveCluster, job_id: str) -> dict[int, bytes]:
    """The results that stand now, by page."""
    found = cluster.store.rglob(f"{job_id}/page_*_result.json")
    return {int(path.name.split("_")[1]): path.read_bytes() for path in found}


def run_to_the_middle(cluster: LiveCluster, book: Path) -> tuple[str, dict[int, bytes]]:
    job_id = cluster.submit(book)
    cluster.wait(lambda: len(stored_results(cluster, job_id)) >= 5, 60)
    return job_id, stored_results(cluster, job_id)


def check_end(cluster: LiveCluster, job_id: str, before: dict[int, bytes], killed_at: str) -> dict[str, Any]:
    record = cluster.ended(job_id)
    assert record["status"] == "completed", record["error"]
    assert sorted(int(page) for page in record["pages"]) == list(range(1, PAGES + 1))
    after = stored_results(cluster, job_id)
    assert sorted(after) == list(range(1, PAGES + 1))
    for page, data in before.items():
        assert after[page] == data, "no result is replaced"
        started = record["pages"][str(page)]["processing_started_at"]
        assert started is None or started < killed_at, f"page {page} was finished, and read again"
    text = cluster.http.get(f"/api/jobs/{job_id}/result", params={"format": "txt"}).text
    assert [f"page {n}" in text for n in range(1, PAGES + 1)] == [True] * PAGES
    return record


@pytest.mark.parametrize("title", ["RayJobHost", "OCRActor-null", "Renderer"])
def test_a_killed_process_costs_nothing_but_time(cluster: LiveCluster, book: Path, title: str) -> None:
    job_id, before = run_to_the_middle(cluster, book)
    killed_at = to_text(datetime.now(UTC))
    cluster.kill(f"ray::{title}" if title == "RayJobHost" else f"ServeReplica:gnosis-ocr:{title}")
    record = check_end(cluster, job_id, before, killed_at)
    assert record["epoch"] == (2 if title == "RayJobHost" else 1)
    cluster.wait(lambda: cluster.http.get("/readyz").status_code == 200, 60)


def test_cancel_keeps_what_was_read(cluster: LiveCluster, book: Path) -> None:
    job_id, _ = run_to_the_middle(cluster, book)
    answer = cluster.http.post(f"/api/jobs/{job_id}/cancel")
    assert answer.status_code == 202, answer.text
    record = cluster.ended(job_id)
    assert record["status"] == "cancelled"
    assert record["pages_completed"] >= 5
    assert sum(page["status"] == "skipped" for page in record["pages"].values()) >= 1
    assert cluster.http.get(f"/api/jobs/{job_id}/result").status_code == 200
    again = cluster.http.post(f"/api/jobs/{job_id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "job_finished")


def test_everything_killed_and_started_again_goes_on(tmp_path: Path, book: Path) -> None:
    with live_cluster(tmp_path / "store", **SLOW) as first:
        job_id, before = run_to_the_middle(first, book)
        killed_at = to_text(datetime.now(UTC))
        first.kill_everything()
    with live_cluster(tmp_path / "store", **SLOW) as second:
        record = check_end(second, job_id, before, killed_at)
        assert record["epoch"] >= 2


def test_a_drained_stop_and_a_new_start_go_on_at_once(tmp_path: Path, book: Path) -> None:
    with live_cluster(tmp_path / "store", **SLOW) as first:
        job_id, before = run_to_the_middle(first, book)
        killed_at = to_text(datetime.now(UTC))
        assert first.stop() == 0
        stopped = stored_results(first, job_id)
    assert len(stopped) < PAGES, "the stop does not wait for the whole job"
    with live_cluster(tmp_path / "store", **SLOW) as second:
        record = check_end(second, job_id, before, killed_at)
        assert record["recoveries"] == 0
