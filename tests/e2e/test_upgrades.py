"""Upgrades under load: other settings, another engine, newer code in the same cluster, and in a second one on the same
store. No request fails, and a book that is read through it all loses no page."""

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

pytestmark = [pytest.mark.e2e, pytest.mark.large, pytest.mark.timeout(500)]

PAGES = 80
SETTINGS = {
    "engines": "null",
    "batch_size": "1",
    "null_delay_ms": "2000",
    "formats": "txt",
    "heartbeat_seconds": "0.5",
    "sweep_seconds": "2",
}
"""With these a book takes minutes, so that it is being read still whenever the next deployment is up."""


@pytest.fixture
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book(tmp_path_factory.mktemp("book"), PAGES)


@pytest.fixture
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
        cwd=cluster.code,
        env=environment,
        check=True,
        timeout=200,
        stdin=subprocess.DEVNULL,
    )


def check_whole(record: dict[str, Any], pages: int) -> None:
    assert (record["status"], record["pages_completed"], record["pages_failed"]) == ("completed", pages, 0)
    assert record["recoveries"] == 0, "its owners let go of it in good order"


def copy_code(folder: Path) -> None:
    for part in ("cluster", "actors", "serve_app", "tests"):
        shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))


ADDED = '    added: str = "later"\n'
NEWER = {
    "actors/ocr/null_engine.py": ('version = "1"', 'version = "2"'),
    "actors/ocr/protocol.py": ("    origin: Origin = UNKNOWN\n", "    origin: Origin = UNKNOWN\n" + ADDED),
    "actors/ocr/ocr_actor.py": (
        "await self._answered(request)",
        "await self._answered(request) if request.added else None",
    ),
    "actors/render/protocol.py": ("    wait_s: float | None = None\n", "    wait_s: float | None = None\n" + ADDED),
    "actors/render/renderer.py": (
        "await self._render(request, arrival)",
        "await self._render(request, arrival) if request.added else None",
    ),
    "cluster/page_text.py": ("    layout_ms: int = 0\n", "    layout_ms: int = 0\n" + ADDED),
    "actors/job/page_work.py": (
        "self._texts[effect.page] = answer\n",
        "self._texts[effect.page] = answer\n        answer.added\n",
    ),
}
"""The next version: the engine null is another, and requests and answers between processes have a field more, which
whoever gets them looks at."""


def make_newer(folder: Path) -> None:
    for name, (old, new) in NEWER.items():
        text = (folder / name).read_text("utf-8")
        assert text.count(old) == 1, f"{name} has changed: {old}"
        (folder / name).write_text(text.replace(old, new), "utf-8")


@contextmanager
def cluster_of(code: Path, store: Path) -> Iterator[LiveCluster]:
    cluster = LiveCluster(store, **SETTINGS)
    cluster.code = code
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()


def check_load(load: SteadyLoad, cluster: LiveCluster) -> None:
    assert load.failures == []
    assert load.asked > 5
    for job_id in load.jobs:
        check_whole(cluster.ended(job_id, 200), 1)


def test_no_request_fails_and_no_page_is_lost(tmp_path: Path, book: Path, letter: Path) -> None:
    store = tmp_path / "store"
    with live_cluster(store, **SETTINGS) as old:
        first = SteadyLoad(old.url, letter)
        job_id = old.submit(book, mode="ocr")
        with first.coming():
            old.wait(lambda: old.status(job_id)["pages_completed"] >= 1, 60)
            redeploy(old, batch_size="2", job_hosts="2", formats="txt,json")
            old.wait(lambda: old.status(job_id)["epoch"] == 2, 90)
        copy_code(tmp_path / "code")
        make_newer(tmp_path / "code")
        with cluster_of(tmp_path / "code", store) as new:
            beside = new.ended(new.submit(letter, mode="ocr"))
            assert beside["pages"]["1"]["engine_version"] == "2"
            assert new.status(job_id)["epoch"] == 2, "the book is the old cluster's, whose heartbeats move"
            second = SteadyLoad(new.url, letter)
            with second.coming():
                assert old.stop() == 0
                new.wait(lambda: new.status(job_id)["epoch"] == 3, 60)
                before = new.status(job_id)["pages_completed"]
                new.wait(lambda: new.status(job_id)["pages_completed"] > before, 60)
                redeploy(new, engines="rapidocr")
                new.wait(lambda: new.status(job_id)["epoch"] == 4, 90)
            record = new.ended(job_id, 200)
            check_whole(record, PAGES)
            read_by = {(page["engine"], page["engine_version"]) for page in record["pages"].values()}
            assert {("null", "1"), ("null", "2")} < read_by
            assert {engine for engine, _ in read_by} == {"null", "rapidocr"}
            check_load(first, new)
            check_load(second, new)


def test_newer_code_takes_over_in_the_same_cluster(tmp_path: Path, letter: Path) -> None:
    """The elder hosts go on asking while the pools' replicas are newer already, and both know other fields."""
    code, store = tmp_path / "code", tmp_path / "store"
    copy_code(code)
    book = small_book(tmp_path, PAGES // 2)
    with cluster_of(code, store) as cluster:
        load = SteadyLoad(cluster.url, letter)
        elder = cluster.processes("ServeReplica:gnosis-ocr")
        job_id = cluster.submit(book, mode="ocr")
        with load.coming():
            cluster.wait(lambda: cluster.status(job_id)["pages_completed"] >= 1, 60)
            make_newer(code)
            redeploy(cluster)
            cluster.wait(lambda: cluster.status(job_id)["epoch"] == 2, 90)
            cluster.wait(lambda: not any(process.is_running() for process in elder), 120)
        record = cluster.ended(job_id, 200)
        check_whole(record, PAGES // 2)
        assert {page["engine_version"] for page in record["pages"].values()} == {"1", "2"}
        check_load(load, cluster)
        assert cluster.status(load.jobs[-1])["pages"]["1"]["engine_version"] == "2"
