"""The count as the Ingress reaches it: what becomes of Ray's failures. The actor itself runs in tests/e2e."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ray.exceptions import ActorDiedError, ActorUnavailableError

from cluster.errors import TooManyJobs
from cluster.settings import load_settings
from serve_app import ray_usage
from serve_app.limits import Limits
from serve_app.ray_usage import RayUsage

LIMITS = Limits(jobs_at_once=1)


class Method:
    def __init__(self, outcome: Any) -> None:
        self._outcome = outcome

    def remote(self, *arguments: object) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if isinstance(self._outcome, Exception) and not isinstance(self._outcome, TooManyJobs):
            future.set_exception(self._outcome)
        elif self._outcome != "never":
            future.set_result(self._outcome)
        return future


class Actor:
    def __init__(self, outcome: Any) -> None:
        self.admit = self.begun = self.released = self.deleted = Method(outcome)


class Usage(RayUsage):
    """outcomes: what the calls of each actor that is made end in, in order."""

    def __init__(self, *outcomes: Any) -> None:
        super().__init__(load_settings(store="memory://"), "v1")
        self.outcomes = list(outcomes)
        self.made = 0

    def _make(self) -> Any:
        self.made += 1
        return Actor(self.outcomes.pop(0))


async def test_an_answer_is_passed_on_and_the_actor_made_once() -> None:
    refusal = TooManyJobs("Two jobs.", retry_after_s=5)
    usage = Usage(refusal)
    assert [await usage.admit("a@b", "job", LIMITS) for _ in range(3)] == [refusal] * 3
    assert usage.made == 1


async def test_a_count_that_is_lost_admits_and_is_made_anew() -> None:
    refusal = TooManyJobs()
    usage = Usage(ActorDiedError(), refusal)
    assert await usage.admit("a@b", "job", LIMITS) is None
    assert await usage.admit("a@b", "job", LIMITS) is refusal
    assert usage.made == 2


async def test_a_count_that_restarts_is_waited_for_and_not_made_anew() -> None:
    usage = Usage(ActorUnavailableError("restarting", b"x" * 16))
    for _ in range(2):
        assert await usage.admit("a@b", "job", LIMITS) is None
    await usage.begun("a@b", "job")
    await usage.released("a@b", "job")
    await usage.deleted("a@b", "job", 3)
    assert usage.made == 1


async def test_a_count_that_does_not_answer_in_time_admits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_usage, "CALL_S", 0.05)
    usage = Usage("never")
    assert await asyncio.wait_for(usage.admit("a@b", "job", LIMITS), 2) is None
    assert usage.made == 1
