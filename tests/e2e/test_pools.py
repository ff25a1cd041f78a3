"""Two engine pools side by side: the one that a job names reads it, and one helps where the other can't."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.e2e.books import small_book
from tests.e2e.live_cluster import LiveCluster, live_cluster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

PAGES = 12
FAULTS = "fail:page=2; crash:page=5"
SETTINGS = {
    "engines": "null,rapidocr",
    "fallbacks": "null>rapidocr",
    "batch_size": "4",
    "null_delay_ms": "20",
    "null_faults": FAULTS,
    "recycle_pages": "25",
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCluster]:
    folder = tmp_path_factory.mktemp("store")
    faults = str(tmp_path_factory.mktemp("faults"))
    with live_cluster(folder, **SETTINGS, null_fault_folder=faults) as running:
        yield running


def read_by(record: dict[str, Any]) -> dict[int, str]:
    return {int(number): page["engine"] for number, page in record["pages"].items()}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book(tmp_path_factory.mktemp("book"), PAGES)


def test_what_one_engine_can_not_read_the_next_one_does(cluster: LiveCluster, book: Path) -> None:
    record = cluster.ended(cluster.submit(book, pages="1-4"))
    assert record["status"] == "completed", record
    assert read_by(record) == {1: "null", 2: "rapidocr", 3: "null", 4: "null"}
    assert record["pages"]["2"]["reason"].startswith("null: engine_failed")
    assert record["pages"]["2"]["attempts"] == 4


def test_a_page_that_ends_replicas_is_found_and_the_others_lose_nothing(cluster: LiveCluster, book: Path) -> None:
    record = cluster.ended(cluster.submit(book, pages="3-12"))
    assert record["status"] == "completed", record
    assert read_by(record) == {n: "rapidocr" if n == 5 else "null" for n in range(3, PAGES + 1)}
    assert record["pages"]["5"]["reason"].startswith("null: engine_crashed")
    assert record["pages"]["5"]["attempts"] == 3
    assert max(page["attempts"] for number, page in record["pages"].items() if number != "5") <= 2


def test_a_job_names_its_engine(cluster: LiveCluster) -> None:
    record = cluster.ended(cluster.submit(REPOSITORY / "samples" / "letter.png", engine="rapidocr"))
    assert {page["engine"] for page in record["pages"].values()} == {"rapidocr"}
    refused = cluster.http.post("/api/jobs", params={"engine": "magic"}, content=b"%PDF-1.7")
    assert (refused.status_code, refused.json()["code"]) == (400, "option_invalid")
    assert "`null`, `rapidocr`" in refused.json()["detail"]


def test_a_replica_that_has_read_enough_is_replaced_and_nothing_is_lost(cluster: LiveCluster, book: Path) -> None:
    before = {process.pid for process in cluster.processes("OCRActor-null")}
    for _ in range(4):
        record = cluster.ended(cluster.submit(book, pages="1,3,4,6,8-12", priority="bulk"))
        assert record["status"] == "completed", record
        assert {page["attempts"] for page in record["pages"].values()} == {1}
    cluster.wait(lambda: bool({process.pid for process in cluster.processes("OCRActor-null")} - before), 60)
    record = cluster.ended(cluster.submit(book, pages="1"))
    assert record["status"] == "completed"
