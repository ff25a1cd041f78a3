"""What is changed in Serve's controller."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from ray.serve._private.cluster_node_info_cache import ClusterNodeInfoCache
from ray.serve._private.controller import ServeController

from cluster.clock import ManualClock
from serve_app.ray_controller import EVERY_S, ask_for_nodes_seldom


class Nodes:
    """Asked in the place of Serve's, which connects to GCS."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False

    def update(self) -> None:
        ClusterNodeInfoCache.update(self)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    def update(nodes: Any) -> None:
        nodes.asked += 1
        if nodes.fails:
            raise RuntimeError("GCS does not answer")

    monkeypatch.setattr(ClusterNodeInfoCache, "update", update)
    clock = ManualClock()
    ask_for_nodes_seldom(clock)
    return clock


async def test_nodes_are_asked_for_once_in_a_while(clock: ManualClock) -> None:
    nodes, other = Nodes(), Nodes()
    nodes.update()
    await clock.advance(EVERY_S * 0.9)
    nodes.update()
    assert nodes.asked == 1
    other.update()
    assert other.asked == 1
    await clock.advance(EVERY_S * 0.2)
    nodes.update()
    assert nodes.asked == 2


def test_a_question_without_an_answer_is_asked_again(clock: ManualClock) -> None:
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
