"""The blob store is away for 30 s in the middle of a job: reading waits, nobody is told a lie, nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from benchmarks.chaos import documents, store_of
from benchmarks.chaos_verdict import judge
from benchmarks.running_cluster import TERMINAL, RunningCluster, ended, running_cluster, submit
from tests.cloud_storage.double import Outage
from tests.cloud_storage.remote import RemoteDouble

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

AWAY_S = 30.0
PAGES = 50


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[RunningCluster, RemoteDouble, str]]:
    with store_of("double") as (url, double):
        assert double is not None
        settings = {"engines": "null", "null_delay_ms": "100", "batch_size": "1", "store": url}
        with running_cluster(**settings) as cluster:
            yield cluster, double, url


async def test_an_outage_of_the_store_costs_nothing_but_time(
    world: tuple[RunningCluster, RemoteDouble, str],
) -> None:
    cluster, double, url = world
    book = next(document for document in documents("null") if document.pages == PAGES)
    with cluster.client() as client:
        job_id = submit(client, book.name, book.data)
        until(lambda: int(status(client, job_id)["pages_completed"]) >= 5)
        double.break_down(Outage.UNAVAILABLE)
        away = time.monotonic()
        refused = client.post("/api/jobs", params={"filename": book.name}, content=book.data)
        assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable"), refused.text
        assert int(refused.headers["Retry-After"]) > 0
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        shown = status(client, job_id)
        assert shown["status"] not in TERMINAL, "what is shown is what was stored"
        time.sleep(AWAY_S - (time.monotonic() - away))
        assert status(client, job_id)["revision"] <= shown["revision"] + 1, "nothing newer could be stored"
        double.mend()
        record = ended(client, job_id)
        until(lambda: client.get("/readyz").status_code == 200)
    assert record["pages_completed"] == PAGES
    assert record["epoch"] == 1, "an outage is no dead owner"
    assert all(page["attempts"] == 1 for page in record["pages"].values()), "no page is blamed for the store"
    verdict = await judge(url, {job_id: PAGES})
    assert (verdict.lost, verdict.unfinished, verdict.read_again) == ([], [], [])


def status(client: httpx.Client, job_id: str) -> dict[str, Any]:
    answer = client.get(f"/api/jobs/{job_id}/status")
    assert answer.status_code == 200, answer.text
    record: dict[str, Any] = answer.json()
    return record


def until(condition: Callable[[], bool], timeout_s: float = 60) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
