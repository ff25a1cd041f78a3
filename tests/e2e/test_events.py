"""Event streams on a real cluster: whatever is killed or cut off under them, every page is told exactly once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.e2e.conftest import PAGES
from tests.e2e.live_cluster import LiveCluster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


class Follower:
    """A client that connects again with the last id it has seen. told: the pages, in the order in which they came."""

    def __init__(self, cluster: LiveCluster, job_id: str) -> None:
        self._cluster = cluster
        self._url = f"{cluster.url}/api/jobs/{job_id}/events"
        self.told: list[int] = []
        self.id: str | None = None
        self.connections = 0
        self.done = False

    @contextmanager
    def connected(self) -> Iterator[Iterator[dict[str, Any]]]:
        """Leaving the block cuts the connection."""
        headers = {} if self.id is None else {"Last-Event-ID": self.id}
        with httpx.Client(timeout=30) as client, client.stream("GET", self._url, headers=headers) as answer:
            if answer.status_code == 503:  # no replica yet
                raise httpx.ReadError("not yet")
            assert answer.status_code == 200, answer.read()
            self.connections += 1
            yield self._events(answer)

    def follow(self, until: int = PAGES + 1) -> None:
        """Until so many pages were told, or to the end, over as many connections as it takes."""
        end = time.monotonic() + 60
        while not self.done and len(self.told) < until:
            assert time.monotonic() < end, f"pages told: {self.told}"
            try:
                with self.connected() as events:
                    for _ in events:
                        if len(self.told) >= until:
                            return
            except httpx.TransportError:
                time.sleep(0.2)

    def _events(self, answer: httpx.Response) -> Iterator[dict[str, Any]]:
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            if fields:
                self.id = fields["id"]
                data: dict[str, Any] = orjson.loads(fields["data"])
                if fields["event"] == "page":
                    assert (data["text"] or "").split("\n")[0] == f"page {data['page']}", data
                    self.told.append(data["page"])
                self.done = self.done or fields["event"] == "done"
                yield data
            fields = {}


@pytest.mark.parametrize("title", ["RayJobHost", "Ingress", "no process"])
def test_every_page_is_told_once(cluster: LiveCluster, book: Path, title: str) -> None:
    follower = Follower(cluster, cluster.submit(book))
    follower.follow(until=5)
    with follower.connected() as events:
        next(events)
        if title == "RayJobHost":
            cluster.kill(f"ray::{title}")
        elif title == "Ingress":
            cluster.kill(f"ServeReplica:gnosis-ocr:{title}")
        try:
            for _ in events:
                if len(follower.told) >= 9:
                    break
        except httpx.TransportError:
            assert title == "Ingress"
    follower.follow(until=13)
    follower.follow()
    assert sorted(follower.told) == list(range(1, PAGES + 1))
    assert follower.id == f"1:1-{PAGES}"
    assert follower.connections >= 4
    cluster.wait(lambda: cluster.http.get("/readyz").status_code == 200, 60)


def test_a_stream_over_a_killed_host_goes_on_by_itself(cluster: LiveCluster, book: Path) -> None:
    follower = Follower(cluster, cluster.submit(book))
    with follower.connected() as events:
        while len(follower.told) < 5:
            next(events)
        cluster.kill("ray::RayJobHost")
        for _ in events:
            continue
    assert follower.done
    assert follower.connections == 1
    assert sorted(follower.told) == list(range(1, PAGES + 1))
    cluster.wait(lambda: cluster.http.get("/readyz").status_code == 200, 60)


def test_pages_are_told_soon_after_they_are_stored(cluster: LiveCluster, book: Path) -> None:
    job_id = cluster.submit(book)
    follower, late = Follower(cluster, job_id), []
    with follower.connected() as events:
        for data in events:
            if "page" in data:
                path = next(cluster.store.rglob(f"{job_id}/page_{data['page']:03d}_result.json"))
                late.append(time.time() - path.stat().st_mtime)
    assert len(late) == PAGES
    assert sorted(late)[PAGES // 2] < 0.5, late
