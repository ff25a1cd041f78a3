"""Keys and limits on a real cluster: two users, and the actor that counts for them killed."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from serve_app.key_file import change_keys, entry_of
from serve_app.limits import Limits
from serve_app.usage_count import LOOK_S
from tests.e2e.books import small_book
from tests.e2e.live_cluster import LiveCluster, live_cluster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

ANNA, BERT = "anna@example.org", "bert@example.org"
COUNT = "RayUsageCount"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    entries = (entry_of("anna", ANNA, Limits(jobs_at_once=2), ""), entry_of("bert", BERT, Limits(pages_a_day=20), ""))
    change_keys(path, lambda held: entries)
    return path


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Iterator[LiveCluster]:
    settings = {"engines": "null", "batch_size": "1", "null_delay_ms": "400", "api_keys_file": str(keys)}
    with live_cluster(tmp_path_factory.mktemp("store"), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book(tmp_path_factory.mktemp("book"), 12)


def submit(cluster: LiveCluster, key: str, book: Path) -> httpx.Response:
    with book.open("rb") as file:
        headers = {"Authorization": f"Bearer {key}"}
        return cluster.http.post("/api/jobs", files={"file": (book.name, file)}, headers=headers)


def ended(cluster: LiveCluster, key: str, job_id: str) -> bool:
    answer = cluster.http.get(f"/api/jobs/{job_id}/status", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["status"] == "completed")


def test_limits_are_felt_and_survive_the_count(cluster: LiveCluster, book: Path, keys: Path) -> None:
    assert submit(cluster, "nobody", book).status_code == 401
    assert cluster.http.get("/api/jobs").headers["www-authenticate"] == "Bearer"
    assert len(cluster.processes(COUNT)) == 1

    jobs = [submit(cluster, "anna", book).json()["job_id"] for _ in range(2)]
    refused = submit(cluster, "anna", book)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_jobs")
    assert int(refused.headers["retry-after"]) > 0
    other = cluster.http.get(f"/api/jobs/{jobs[0]}/status", headers={"Authorization": "Bearer bert"})
    assert (other.status_code, other.json()["code"]) == (404, "job_not_found")

    killed = cluster.kill(COUNT)
    begun = time.monotonic()
    cluster.wait(lambda: [p.pid for p in cluster.processes(COUNT)] not in ([], [killed]), 30)
    again = submit(cluster, "anna", book)  # it waits for the new count, or goes on without
    if again.status_code == 202:
        jobs.append(again.json()["job_id"])
    cluster.wait(lambda: submit(cluster, "anna", book).status_code == 429, 30)
    assert time.monotonic() - begun < 30
    for job_id in jobs:
        cluster.wait(lambda job_id=job_id: ended(cluster, "anna", job_id), 60)  # type: ignore[misc]
    time.sleep(LOOK_S)  # the last refusal's look at anna's jobs may have been a moment ago
    accepted = submit(cluster, "anna", book)
    assert accepted.status_code == 202, accepted.text


def test_pages_of_the_day(cluster: LiveCluster, book: Path) -> None:
    for _ in range(2):
        job_id = submit(cluster, "bert", book).json()["job_id"]
        cluster.wait(lambda job_id=job_id: ended(cluster, "bert", job_id), 60)  # type: ignore[misc]
    refused = submit(cluster, "bert", book)
    assert (refused.status_code, refused.json()["code"]) == (429, "quota_exceeded"), refused.text
    cluster.kill(COUNT)
    cluster.wait(lambda: submit(cluster, "bert", book).status_code == 429, 30)


def test_a_key_that_is_added_opens_the_door_without_a_restart(cluster: LiveCluster, keys: Path) -> None:
    headers = {"Authorization": "Bearer carla"}
    assert cluster.http.get("/api/jobs", headers=headers).status_code == 401
    change_keys(keys, lambda held: (*held, entry_of("carla", "carla@example.org", Limits(requests_a_second=1), "")))
    cluster.wait(lambda: cluster.http.get("/api/jobs", headers=headers).status_code == 200, 5)
    assert cluster.http.get("/api/jobs", headers=headers).json()["code"] == "rate_limited"
    change_keys(keys, lambda held: tuple(entry for entry in held if entry.user != "carla@example.org"))
    cluster.wait(lambda: cluster.http.get("/api/jobs", headers=headers).status_code == 401, 5)


def test_a_killed_ingress_leaves_neither_count_nor_limit_behind(cluster: LiveCluster, book: Path) -> None:
    for job in cluster.http.get("/api/jobs", headers={"Authorization": "Bearer anna"}).json()["jobs"]:
        cluster.wait(lambda job_id=job["job_id"]: ended(cluster, "anna", job_id), 60)  # type: ignore[misc]
    assert [submit(cluster, "anna", book).status_code for _ in range(3)] == [202, 202, 429]
    before = {process.pid for process in cluster.processes(COUNT)}
    cluster.kill("ServeReplica:gnosis-ocr:Ingress")
    cluster.wait(lambda: cluster.http.get("/healthz").status_code == 200, 60)
    cluster.wait(lambda: submit(cluster, "anna", book).status_code == 429, 30)
    cluster.wait(lambda: len({process.pid for process in cluster.processes(COUNT)} - before) == 1, 30)
    assert len(cluster.processes(COUNT)) == 1


def test_the_proxys_connections_are_guarded(cluster: LiveCluster) -> None:
    with socket.create_connection(("127.0.0.1", cluster.port)) as connection:
        connection.settimeout(10)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 100_000)
        assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")
