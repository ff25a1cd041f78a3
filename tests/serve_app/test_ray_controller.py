"""What is changed in Serve's controller."""

from __future__ import annotations

import inspect
import time
from typing import Any

import pytest
from ray.serve._private.cluster_node_info_cache import ClusterNodeInfoCache
from ray.serve._private.controller import ServeController

from serve_app.ray_controller import EVERY_S, ask_for_nodes_seldom


class Nodes(ClusterNodeInfoCache):  # type: ignore[misc]  # Ray has no types here
    def __init__(self) -> None:
        self.asked = 0
        self.fails = False


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    def update(nodes: Any) -> None:
        nodes.asked += 1
        if nodes.fails:
            raise RuntimeError("GCS does not answer")

    monkeypatch.setattr(ClusterNodeInfoCache, "update", update)
    time_now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: time_now[0])
    ask_for_nodes_seldom()
    return time_now


def test_nodes_are_asked_for_once_in_a_while(now: list[float]) -> None:
    nodes, other = Nodes(), Nodes()
    nodes.update()
    now[0] += EVERY_S * 0.9
    nodes.update()
    assert nodes.asked == 1
    other.update()
    assert other.asked == 1
    now[0] += EVERY_S * 0.2
    nodes.update()
    assert nodes.asked == 2


def test_a_question_without_an_answer_is_asked_again(now: list[float]) -> None:
    nodes = Nodes()
    nodes.fails = True
    for _ in range(2):
        with pytest.raises(RuntimeError):
            nodes.update()
    assert nodes.asked == 2


def test_another_serve_keeps_its_controller(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.delattr(ClusterNodeInfoCache, "update")
    ask_for_nodes_seldom()
    assert "no list of nodes" in caplog.text


def test_the_serve_that_is_installed_asks_at_every_turn() -> None:
    assert "self.cluster_node_info_cache.update()" in inspect.getsource(ServeController.run_control_loop_step)
