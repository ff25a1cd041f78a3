"""Upgrades under load: no request fails and no page is lost, be it settings, engine or code that changes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.books import small_book
from tests.e2e.live_cluster import REPOSITORY, LiveCluster, live_cluster
from tests.e2e.steady_load import SteadyLoad

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(500)]

PAGES = 60
QUICK = {"engines": "null", "batch_size": "1", "null_delay_ms": "50", "heartbeat_seconds": "0.5", "sweep_seconds": "2"}
SLOW = {**QUICK, "null_delay_ms": "2000"}
"""A book takes minutes, so that it is still being read whenever the next deployment is up."""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book(tmp_path_factory.mktemp("book"), PAGES)


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book(tmp_path_factory.mktemp("letter"), 1)


def redeploy(cluster: LiveCluster, **settings: str) -> None:
    """As ``serve deploy`` does, with other settings; returns once everything new is up."""
    [raylet] = cluster.processes("raylet/raylet")
    gcs = next(word.partition("=")[2] for word in raylet.cmdline() if word.startswith("--gcs-address="))
    ingress = cluster.processes("ServeReplica:gnosis-ocr:Ingress")[0]
    environment = ingress.environ() | {"RAY_ADDRESS": gcs}
    environment |= {f"GNOSIS_{name.upper()}": value for name, value in settings.items()}
    subprocess.run(
        [sys.executable, "-m", "tests.e2e.redeploy", "127.0.0.1"],
        cwd=REPOSITORY,
        env=environment,
        check=True,
        timeout=200,
        stdin=subprocess.DEVNULL,
    )


def check_whole(record: dict[str, Any], pages: int) -> None:
    assert (record["status"], record["pages_completed"], record["pages_failed"]) == ("completed", pages, 0)
    assert record["recoveries"] == 0, "its owners let go of it in good order"


def test_other_settings_and_another_engine_fail_no_request_and_lose_no_page(
    tmp_path: Path, book: Path, letter: Path
) -> None:
    with live_cluster(tmp_path / "store", **SLOW) as cluster:
        load = SteadyLoad(cluster.url, letter)
        job_id = cluster.submit(book, mode="ocr")
        cluster.wait(lambda: cluster.status(job_id)["pages_completed"] >= 1, 60)
        with load.coming():
            redeploy(cluster, batch_size="2", job_hosts="2", formats="txt,json")
            cluster.wait(lambda: cluster.status(job_id)["epoch"] == 2, 90)
            redeploy(cluster, engines="rapidocr", ocr_replicas="1-2")
            cluster.wait(lambda: cluster.status(job_id)["epoch"] == 3, 90)
            accepted = len(load.jobs)
            cluster.wait(lambda: len(load.jobs) > accepted + 2, 60)
        assert load.failures == []
        assert load.asked > 10
        record = cluster.ended(job_id, 200)
        check_whole(record, PAGES)
        assert {page["engine"] for page in record["pages"].values()} == {"null", "rapidocr"}
        for letter_id in load.jobs:
            check_whole(cluster.ended(letter_id, 120), 1)


@contextmanager
def newer_cluster(store: Path, folder: Path) -> Iterator[LiveCluster]:
    """Of a copy of the code in which the engine null is of another version."""
    for part in ("cluster", "actors", "serve_app", "tests"):
        shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    engine = folder / "actors/ocr/null_engine.py"
    engine.write_text(engine.read_text("utf-8").replace('version = "1"', 'version = "2"'), "utf-8")
    cluster = LiveCluster(store, **QUICK)
    cluster.code = folder
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()


def test_a_cluster_of_newer_code_takes_over_from_one_on_the_same_store(
    tmp_path: Path, book: Path, letter: Path
) -> None:
    store = tmp_path / "store"
    with live_cluster(store, **SLOW) as old:
        job_id = old.submit(book, mode="ocr")
        old.wait(lambda: old.status(job_id)["pages_completed"] >= 1, 60)
        with newer_cluster(store, tmp_path / "code") as new:
            beside = new.ended(new.submit(letter, mode="ocr"))
            assert {page["engine_version"] for page in beside["pages"].values()} == {"2"}
            shown = new.status(job_id)
            assert (shown["epoch"], shown["recoveries"]) == (1, 0), "it is the old cluster's, whose heartbeat moves"
            load = SteadyLoad(new.url, letter)
            with load.coming():
                assert old.stop() == 0
                record = new.ended(job_id, 180)
            check_whole(record, PAGES)
            assert record["epoch"] == 2
            assert {page["engine_version"] for page in record["pages"].values()} == {"1", "2"}
            assert load.failures == []
            for letter_id in load.jobs:
                check_whole(new.ended(letter_id), 1)
