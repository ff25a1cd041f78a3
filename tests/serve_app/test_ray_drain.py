from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import ray

from cluster.clock import ManualClock
from cluster.errors import StartupError
from serve_app.ray_drain import UNTOLD, drain, replicas_on
from tests.serve_app.obedient_host import HastyClock

DETAILS = {"applications": {"gnosis-ocr": {"deployments": {"Renderer": {"replicas": [{"node_id": "a"}]}}}}}


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


@pytest.fixture
def serve_tells(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A cluster whose node "a" is drained; what Serve answers, in turn, the last again and again."""

    async def hosts_leave(_node: str) -> None:
        pass

    def tells(*answers: dict[str, Any] | Exception) -> None:
        left = list(answers)

        def details() -> dict[str, Any]:
            answer = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr("serve_app.ray_drain._serve_details", details)

    module = "serve_app.ray_drain"
    monkeypatch.setattr(f"{module}._join", lambda: "a")
    monkeypatch.setattr(f"{module}._is_head", lambda _node: False)
    monkeypatch.setattr(f"{module}._announce", lambda _node, _gone_at: None)
    monkeypatch.setattr(f"{module}.leave_node", hosts_leave)
    return tells


async def test_it_ends_as_soon_as_the_node_is_free(serve_tells: Callable[..., None]) -> None:
    clock = HastyClock()
    serve_tells(DETAILS, DETAILS, {})
    assert await drain(None, 60.0, clock) == []
    assert clock.monotonic() < 5


async def test_what_is_left_at_the_end_is_told(serve_tells: Callable[..., None]) -> None:
    serve_tells(DETAILS)
    assert await drain(None, 3.0, HastyClock()) == ["Renderer"]


async def test_a_controller_that_begins_anew_ends_no_drain(serve_tells: Callable[..., None]) -> None:
    gone = ray.exceptions.ActorDiedError()
    serve_tells(gone, gone, DETAILS, {})
    assert await drain(None, 60.0, HastyClock()) == []
    serve_tells(gone)
    assert await drain(None, 3.0, HastyClock()) == [UNTOLD]
