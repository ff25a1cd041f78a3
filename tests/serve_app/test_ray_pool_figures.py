from __future__ import annotations

from typing import Any

import pytest
from ray import serve
from ray.exceptions import ActorDiedError
from ray.serve.exceptions import DeploymentUnavailableError

from serve_app.figures import RendererFigures
from serve_app.ray_pool_figures import PoolFigures, RendererPoolFigures

TOLD = {
    **{"engine_version": "1", "pages": 7, "batches": 3, "mean_fill": 0.5, "batch_pages": 4, "queue_length": 2},
    **{"retiring": False, "memory_mb": 80.0},
}


class Handle:
    """A deployment's handle, whose replicas answer as they are told to."""

    def __init__(self, *answers: object, error: Exception | None = None) -> None:
        self._answers, self._error = answers, error

    def broadcast(self, method: str) -> Handle:
        assert method == "info"
        return self

    async def results_async(self, *, timeout_s: float, return_exceptions: bool) -> list[object]:
        assert return_exceptions
        if self._error is not None:
            raise self._error
        return list(self._answers)


def pool(monkeypatch: pytest.MonkeyPatch, handle: Handle) -> PoolFigures:
    found(monkeypatch, handle, "null")
    return PoolFigures("null")


def found(monkeypatch: pytest.MonkeyPatch, handle: Handle, named: str) -> None:
    def get(name: str, app: str, **_: Any) -> Handle:
        assert named in name
        return handle

    monkeypatch.setattr(serve, "get_deployment_handle", get)


async def test_a_replica_that_fails_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    told = await pool(monkeypatch, Handle(TOLD, ActorDiedError(), TOLD)).ask(1)
    assert told is not None
    assert [replica and replica.pages for replica in told] == [7, None, 7]


async def test_a_pool_that_is_scaled_to_zero_has_no_replicas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await pool(monkeypatch, Handle()).ask(1) == ()


@pytest.mark.parametrize("error", [TimeoutError(), ActorDiedError()])
async def test_a_pool_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    assert await pool(monkeypatch, Handle(error=error)).ask(1) is None


async def test_a_pool_of_which_none_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    error = DeploymentUnavailableError.__new__(DeploymentUnavailableError)
    assert await pool(monkeypatch, Handle(error=error)).ask(1) == ()


async def test_renderers_tell_of_themselves_and_of_what_they_run(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, Handle({"processes": 3, "memory_mb": 250.5}, ActorDiedError()), "Renderer")
    assert await RendererPoolFigures().ask(1) == (RendererFigures(3, 250.5), None)


async def test_renderers_that_do_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, Handle(error=TimeoutError()), "Renderer")
    assert await RendererPoolFigures().ask(1) is None
