"""GPU nodes follow the work: none, as many as a burst of pages wants, and none again; one of them is taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.server import running_double
from tests.e2e.books import small_book
from tests.e2e.config_cluster import ConfigCluster, config_cluster
from tests.e2e.live_cluster import TERMINAL

pytestmark = [pytest.mark.e2e, pytest.mark.large, pytest.mark.timeout(400)]

PAGES = 300
NODES = 3
SETTINGS: dict[str, object] = {
    "store": "gs://bucket/growing",
    "allow_open": True,
    "cpu_nodes": "cpu_node",
    "engines": "null",
    "null_delay_ms": 200,
    "batch_size": 1,
    "ocr_gpus": 1,
    "ocr_replicas": f"0-{NODES}",
    "scale_up_seconds": 0,
    "scale_down_seconds": 5,
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[ConfigCluster]:
    with (
        running_double(CloudDouble(enforce_limit=False)) as store,
        config_cluster(store.url, "tests.e2e.growing_nodes") as running,
    ):
        yield running


def gpu_nodes(cluster: ConfigCluster) -> int:
    return len(cluster.seen()["gpu_nodes"])


def test_a_burst_brings_gpu_nodes_and_takes_them_away_and_a_lost_one_costs_only_time(
    cluster: ConfigCluster, tmp_path: Path
) -> None:
    cluster.deploy(SETTINGS)
    cluster.wait(cluster.ready, 180)
    assert gpu_nodes(cluster) == 0
    job_id = cluster.submit(small_book(tmp_path, PAGES), mode="ocr")

    cluster.wait(lambda: gpu_nodes(cluster) == NODES, 120)
    cluster.wait(lambda: int(cluster.status(job_id)["pages_completed"]) >= 10)
    before = cluster.seen()["gpu_nodes"]
    cluster.seen("kill")
    cluster.wait(lambda: before[0] not in cluster.seen()["gpu_nodes"])

    cluster.wait(lambda: cluster.status(job_id)["status"] in TERMINAL, 180)
    ended = cluster.status(job_id)
    assert (ended["status"], ended["pages_completed"], ended["pages_failed"]) == ("completed", PAGES, 0)
    assert (ended["epoch"], ended["recoveries"]) == (1, 0), "its host lost nothing"
    assert max(page["attempts"] for page in ended["pages"].values()) <= 2
    cluster.wait(lambda: gpu_nodes(cluster) == 0, 120)
    assert cluster.ready()
