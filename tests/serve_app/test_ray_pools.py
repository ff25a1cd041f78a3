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
from actors.render.protocol import ArrangeRequest, AssembleRequest, DocumentRef, OpenedDocument
from cluster.errors import (
    AssemblyTimeout,
    BlobForbidden,
    BlobUnavailable,
    DocumentDamaged,
    EngineFailed,
    GnosisError,
    ReplicaRetiring,
)
from cluster.page_text import Line, PageText
from serve_app import ray_pools
from serve_app.ray_pools import FEW_PAGES, SMALL_BYTES, RayOcrPool, RayRenderPool, ocr_deployment

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
        self.recognize = self.arrange = self.open = self.assemble = self
        self.arguments: list[Any] = []

    def remote(self, argument: object) -> Response:
        self.arguments.append(argument)
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


def letter(number: int, **facts: Any) -> DocumentRef:
    return DocumentRef(f"job-{number}", f"p{number}/", f"p{number}/raw/document.pdf", "pdf", 100, **facts)


def joining(number: int, pages: int = 1) -> AssembleRequest:
    return AssembleRequest(f"job-{number}", f"p{number}/", tuple(range(1, pages + 1)), (), ())


async def test_what_happens_to_one_document_happens_to_no_other_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer makes the pool quick."""
    opened, damaged = OpenedDocument(3), DocumentDamaged("No.")
    told = [opened, damaged, ReplicaLost("Its process died."), GnosisError("Its code is wrong."), BlobForbidden("No.")]
    _, handle = pool_over(monkeypatch, lambda: [opened], lambda: told)
    pool = RayRenderPool()
    await pool.open(letter(0))
    answers = await asyncio.gather(*(pool.open(letter(n)) for n in range(1, 6)), return_exceptions=True)
    assert [len(argument) for argument in handle.arguments] == [1, 5]
    assert answers[:2] == [opened, damaged]
    assert [type(answer) for answer in answers[2:]] == [ReplicaLost, GnosisError, GnosisError]
    assert "could not be opened here" in str(answers[4])


async def test_of_documents_that_lose_a_replica_together_only_the_one_that_ends_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = OpenedDocument(1)
    dying, well = raising(RayActorError()), lambda: [opened]
    _, handle = pool_over(monkeypatch, well, dying, well, dying, well)
    pool = RayRenderPool()
    await pool.open(letter(0))
    answers = await asyncio.gather(*(pool.open(letter(n)) for n in (1, 2, 3)), return_exceptions=True)
    assert (answers[0], type(answers[1]), answers[2]) == (opened, ReplicaLost, opened)
    assert handle.arguments[1:] == [[letter(1), letter(2), letter(3)], [letter(1)], [letter(2)], [letter(3)]]


async def test_a_document_for_which_the_store_was_away_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    _, handle = pool_over(monkeypatch, lambda: [BlobUnavailable("away")], lambda: [OpenedDocument(1)])
    assert await RayRenderPool().open(letter(1)) == OpenedDocument(1)
    assert handle.arguments == [[letter(1)], [letter(1)]]


async def test_large_documents_and_those_to_be_fetched_keep_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    _, handle = pool_over(monkeypatch, *[lambda: [OpenedDocument(1)]] * 4)
    pool = RayRenderPool()
    await pool.open(letter(0))
    documents = [letter(1, size=SMALL_BYTES + 1), letter(2, source_uri="gs://bucket/name"), letter(3, size=SMALL_BYTES)]
    await asyncio.gather(*map(pool.open, documents))
    assert sorted(len(argument) for argument in handle.arguments) == [1, 1, 1, 1]


async def test_the_outputs_of_short_documents_share_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    late = AssemblyTimeout()
    _, handle = pool_over(monkeypatch, lambda: [{}], lambda: [{}], lambda: [{}, {}, late])
    pool = RayRenderPool()
    await pool.assemble(joining(0))
    requests = [joining(1), joining(2, pages=FEW_PAGES + 1), joining(3), joining(4)]
    answers = await asyncio.gather(*map(pool.assemble, requests), return_exceptions=True)
    assert answers == [{}, {}, {}, late]
    assert handle.arguments == [[joining(0)], [requests[1]], [requests[0], *requests[2:]]]


async def test_a_replica_whose_own_code_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = RayTaskError("open", "a trace", ValueError("wrong"))
    pool_over(monkeypatch, raising(failure), raising(RayActorError()))
    pool = RayRenderPool()
    with pytest.raises(GnosisError, match="could not be opened here"):
        await pool.open(letter(1))
    with pytest.raises(ReplicaLost):
        await pool.open(letter(1))


async def test_what_a_replica_says_of_its_failure_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failure = RayTaskError("recognize", "ValueError: /opt/weights is empty", ValueError("/opt/weights is empty"))
    pool, _ = pool_over(monkeypatch, raising(failure))
    (answer,) = await pool.recognize([PAGE])
    assert isinstance(answer, EngineFailed)
    assert answer.detail == "The replica failed (ValueError)."
    assert "/opt/weights" in caplog.text


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
