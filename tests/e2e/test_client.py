"""The Python client on a real cluster: whatever is killed or started again, every page comes exactly once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gnosis_ocr import Client, JobStatus, PageText
from tests.e2e.conftest import PAGES
from tests.e2e.live_cluster import LiveCluster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_pages_over_a_killed_ingress_and_a_server_started_again(cluster: LiveCluster, book: Path) -> None:
    def start_again() -> None:
        cluster.stop()
        cluster.start()

    restart = threading.Thread(target=start_again)
    pages: list[PageText] = []
    with Client(cluster.url) as client:
        job = client.submit(book)
        for page in client.pages(job):
            pages.append(page)
            if len(pages) == 4:
                cluster.kill("ServeReplica:gnosis-ocr:Ingress")
            elif len(pages) == 8:
                restart.start()
        restart.join()
        assert client.wait(job, timeout=60).status is JobStatus.COMPLETED
    assert sorted(page.page for page in pages) == list(range(1, PAGES + 1))
    assert all((page.text or "").split("\n")[0] == f"page {page.page}" for page in pages)
