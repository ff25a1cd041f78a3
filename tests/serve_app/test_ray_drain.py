from __future__ import annotations

import pytest

from cluster.clock import ManualClock
from cluster.errors import StartupError
from serve_app.ray_drain import drain, replicas_on


def test_the_replicas_of_a_node_are_found_in_what_serve_tells() -> None:
    deployments = {
        "Ingress": {"replicas": [{"node_id": "a"}, {"node_id": "b"}]},
        "Renderer": {"replicas": [{"node_id": "a"}, {"node_id": "a"}, {"replica_id": "starting"}]},
        "OCRActor-null": {"replicas": []},
    }
    details = {"applications": {"gnosis-ocr": {"deployments": deployments}}}
    assert replicas_on("a", details) == ["Ingress", "Renderer", "Renderer"]
    assert replicas_on("b", details) == ["Ingress"]
    assert replicas_on("c", details) == []
    assert replicas_on("a", {}) == []


async def test_without_a_node_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: object) -> None:
        raise ConnectionError("Could not find any running Ray instance.")

    monkeypatch.setattr("serve_app.ray_drain.ray.init", refuse)
    with pytest.raises(StartupError, match="No node of a Ray cluster runs on this machine"):
        await drain(None, 1.0, ManualClock())
