"""The pools over a handle of the test's: what Ray's failures become."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from ray.exceptions import RayActorError, RayTaskError

from actors.content.arranging import PLAIN
from actors.job.ports import ReplicaLost
from actors.ocr.protocol import RecognizeRequest
from actors.render.protocol import ArrangeRequest
from cluster.errors import BlobUnavailable, ReplicaRetiring
from cluster.page_text import Line, PageText
from serve_app import ray_pools
from serve_app.ray_pools import RayOcrPool, RayRenderPool, ocr_deployment

PAGE = RecognizeRequest("job", 1, "page_001.png", 10, 10)


class Response:
    """outcome: what awaiting it does. cancelled: somebody cancelled the call."""

    def __init__(self, outcome: Callable[[], Any]) -> None:
        self._outcome = outcome
        self.cancelled = False

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        result = self._outcome()
        if isinstance(result, asyncio.Event):
            yield from result.wait().__await__()
        return result

    def cancel(self) -> None:
        self.cancelled = True


class Handle:
    """Answers calls by the outcomes, in turn."""

    def __init__(self, *outcomes: Callable[[], Any]) -> None:
        self.outcomes = list(outcomes)
        self.responses: list[Response] = []
        self.recognize = self.arrange = self

    def remote(self, argument: object) -> Response:
        self.responses.append(Response(self.outcomes.pop(0)))
        return self.responses[-1]


def raising(error: BaseException) -> Callable[[], Any]:
    def outcome() -> Any:
        raise error

    return outcome


def pool_over(monkeypatch: pytest.MonkeyPatch, *outcomes: Callable[[], Any]) -> tuple[RayOcrPool, Handle]:
    handle = Handle(*outcomes)
    monkeypatch.setattr("ray.serve.get_deployment_handle", lambda *_, **__: handle)
    monkeypatch.setattr(ray_pools, "WAIT_S", 0)
    monkeypatch.setattr(ray_pools, "RETIRING_S", 0)
    return RayOcrPool("null"), handle


async def test_answers_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, _ = pool_over(monkeypatch, lambda: [PageText("a")])
    assert await pool.recognize([PAGE]) == [PageText("a")]


@pytest.mark.parametrize("error", [ReplicaRetiring(), BlobUnavailable()])
async def test_a_replica_that_can_not_now_is_asked_again(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    pool, handle = pool_over(monkeypatch, raising(error), raising(error), lambda: [PageText("a")])
    assert await pool.recognize([PAGE]) == [PageText("a")]
    assert len(handle.responses) == 3


async def test_a_renderer_whose_code_fails_costs_a_page_its_layout_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = RayTaskError("arrange", "a trace", ValueError("wrong"))
    pool_over(monkeypatch, raising(BlobUnavailable()), raising(failure))
    lines = (Line("below", (0, 50, 40, 60), 0.9), Line("above", (0, 10, 40, 20), 0.9))
    request = ArrangeRequest("job", 1, "page_001.png", 100, 100, PageText("below above", lines))
    (answer,) = await RayRenderPool().arrange([request])
    assert isinstance(answer, PageText)
    assert answer.text.split() == ["above", "below"]
    assert (answer.layout, answer.reason) == (PLAIN, "layout: the replica failed, lines in plain order")


async def test_a_dead_replica_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, _ = pool_over(monkeypatch, raising(RayActorError()))
    with pytest.raises(ReplicaLost) as lost:
        await pool.recognize([PAGE])
    assert not lost.value.announced


async def test_a_call_cancelled_in_its_replica_costs_its_pages_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, _ = pool_over(monkeypatch, raising(asyncio.CancelledError()))
    with pytest.raises(ReplicaLost) as lost:
        await pool.recognize([PAGE])
    assert lost.value.announced


async def test_who_is_cancelled_cancels_the_call_in_its_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, handle = pool_over(monkeypatch, asyncio.Event)
    call = asyncio.create_task(pool.recognize([PAGE]))
    for _ in range(5):
        await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert handle.responses[0].cancelled


def test_deployments_have_names_that_paths_and_metrics_bear() -> None:
    assert ocr_deployment("rapidocr") == "OCRActor-rapidocr"
    one, other = ocr_deployment("openai:http://a/v1"), ocr_deployment("openai:http://b/v1")
    assert one != other
    assert all(part.isalnum() for part in one.split("-"))
