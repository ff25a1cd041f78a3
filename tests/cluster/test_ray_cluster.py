"""What a cluster that was joined leaves to its own environment."""

from __future__ import annotations

import pytest

from cluster import ray_cluster
from cluster.errors import StartupError
from cluster.settings import load_settings


@pytest.mark.parametrize("proxy", ["haproxy", "serve"])
def test_the_front_door_of_another_cluster_is_not_ours_to_choose(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setattr(ray_cluster, "prepare_environment", lambda: None)
    monkeypatch.setenv("RAY_ADDRESS", "192.0.2.1:6379")
    with pytest.raises(StartupError, match=f"GNOSIS_PROXY is '{proxy}', but on the cluster of RAY_ADDRESS"):
        ray_cluster.start_or_join(load_settings(proxy=proxy))


@pytest.mark.parametrize(("value", "on_loopback"), [("0", True), ("1", False), (None, False)])
def test_whether_the_cluster_is_on_loopback_is_told_by_rays_switch(
    monkeypatch: pytest.MonkeyPatch, value: str | None, on_loopback: bool
) -> None:
    monkeypatch.delenv(ray_cluster.LOOPBACK_SWITCH, raising=False)
    if value is not None:
        monkeypatch.setenv(ray_cluster.LOOPBACK_SWITCH, value)
    assert ray_cluster.is_on_loopback() is on_loopback


def test_switches_that_the_cluster_was_started_without_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ray_cluster.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert ray_cluster.differing_switches() == []
    monkeypatch.delenv("RAY_worker_niceness")
    monkeypatch.setenv("RAY_DEDUP_LOGS", "1")
    assert ray_cluster.differing_switches() == [
        "RAY_DEDUP_LOGS 1 in place of 0",
        "RAY_worker_niceness unset in place of 0",
    ]
