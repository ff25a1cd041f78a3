"""The application as KubeRay brings it up: a Serve config on a cluster of several nodes, and a node that is drained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.server import running_double
from tests.e2e.books import small_book
from tests.e2e.config_cluster import ConfigCluster, config_cluster
from tests.e2e.live_cluster import TERMINAL

pytestmark = [pytest.mark.e2e, pytest.mark.large, pytest.mark.timeout(300)]

PAGES = 60
SETTINGS: dict[str, object] = {
    "store": "gs://bucket/production",
    "allow_open": True,
    "cpu_nodes": "cpu_node",
    "engines": "null",
    "null_delay_ms": 200,
    "batch_size": 1,
    "heartbeat_seconds": 1,
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[ConfigCluster]:
    with running_double(CloudDouble(enforce_limit=False)) as store, config_cluster(store.url) as running:
        yield running


def job_under_way(cluster: ConfigCluster, folder: Path) -> str:
    job_id = cluster.submit(small_book(folder, PAGES))
    cluster.wait(lambda: int(cluster.status(job_id)["pages_completed"]) >= 3)
    return job_id


def test_a_bad_setting_is_told_by_serve(cluster: ConfigCluster) -> None:
    cluster.deploy({**SETTINGS, "ocr_replica": "2"})
    cluster.wait(lambda: cluster.application().get("status") == "DEPLOY_FAILED")
    assert "The args set 'ocr_replica', which is no setting." in cluster.application()["message"]


def test_it_comes_up_in_whatever_order_its_nodes_do(cluster: ConfigCluster) -> None:
    cluster.deploy(SETTINGS)
    cluster.wait(
        lambda: cluster.application().get("status") == "DEPLOYING" and bool(cluster.application()["deployments"])
    )
    assert not cluster.ready()
    cluster.add_node()
    cluster.add_node()
    cluster.wait(cluster.ready)
    cluster.wait(cluster.healthy)
    seen = cluster.seen()
    assert set(seen["hosts"].values()) <= set(seen["nodes"]), "a JobHost belongs where cpu_node is"


def test_a_drained_node_costs_nothing_but_time(cluster: ConfigCluster, tmp_path: Path) -> None:
    job_id = job_under_way(cluster, tmp_path)
    before = cluster.seen()
    ((host, node),) = before["hosts"].items()
    drained = cluster.command("drain-node", "--within", "90", "--node", node)
    assert (drained.returncode, drained.stdout) == (0, "The node is free.\n"), drained.stderr

    cluster.wait(lambda: host in cluster.seen()["hosts"])
    assert cluster.seen()["hosts"][host] in set(before["nodes"]) - {node}
    cluster.wait(lambda: cluster.status(job_id)["status"] in TERMINAL)
    ended = cluster.status(job_id)
    assert (ended["status"], ended["pages_completed"]) == ("completed", PAGES)
    assert (ended["epoch"], ended["recoveries"]) == (2, 0), "the job was let go of once, and not lost"
    assert max(page["attempts"] for page in ended["pages"].values()) <= 2, "what was under way then is read again"
    cluster.wait(lambda: node not in cluster.seen()["nodes"])
    cluster.wait(cluster.ready)


def test_where_the_whole_cluster_goes_its_jobs_are_left_without_an_owner(
    cluster: ConfigCluster, tmp_path: Path
) -> None:
    job_id = job_under_way(cluster, tmp_path)
    seen = cluster.seen()
    (node,) = seen["nodes"]
    with cluster.started("drain-node", "--within", "60", "--node", node) as worker:
        head = cluster.command("drain-node", "--within", "60", "--node", seen["head"])
        assert (head.returncode, head.stdout) == (0, "The node is free.\n"), head.stderr
        left = cluster.status(job_id)
        assert (left["owner"], left["epoch"]) == ("", 1), "another cluster's host may claim it at once"
        assert left["status"] not in TERMINAL
        assert cluster.seen()["hosts"] == {}, "there is no node for the next life"
        assert worker.poll() is None, "replicas, for which there is no other node either, work on to the end"
        worker.kill()
