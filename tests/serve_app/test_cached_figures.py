"""The cluster's figures are not asked for by every request."""

from __future__ import annotations

import asyncio

from cluster.clock import ManualClock
from serve_app.background import Background
from serve_app.cached_figures import KEPT_S, CachedFigures
from serve_app.fake_gateway import FakeGateway
from serve_app.figures import Figures
from tests.serve_app.figures_example import HOSTS


class SlowGateway(FakeGateway):
    """Answers once ``go`` is set; asked: how often it was."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.asked = 0
        self.go = asyncio.Event()

    async def figures(self) -> Figures:
        self.asked += 1
        await self.go.wait()
        return self.told


async def test_many_requests_are_one_question_and_it_is_asked_again_later() -> None:
    clock = ManualClock()
    gateway = SlowGateway(clock)
    gateway.told = Figures(HOSTS)
    cached = CachedFigures(gateway, clock, Background())
    gateway.go.set()
    assert await asyncio.gather(*(cached.figures() for _ in range(20))) == [gateway.told] * 20
    await clock.advance(KEPT_S / 2)
    await cached.figures()
    assert gateway.asked == 1
    gateway.told = Figures()
    await clock.advance(KEPT_S / 2)
    assert await cached.figures() == Figures()
    assert gateway.asked == 2


async def test_who_goes_away_does_not_end_the_question_for_others() -> None:
    clock = ManualClock()
    gateway = SlowGateway(clock)
    cached = CachedFigures(gateway, clock, Background())
    gone = asyncio.create_task(cached.figures())
    stays = asyncio.create_task(cached.figures())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    gateway.go.set()
    assert await asyncio.wait_for(stays, 2) == Figures()
    assert gateway.asked == 1


async def test_a_cluster_that_does_not_answer_is_missing() -> None:
    clock = ManualClock()
    cached = CachedFigures(SlowGateway(clock), clock, Background(), within_s=0.01)
    assert await cached.figures() == Figures(missing=("the cluster does not answer",))
