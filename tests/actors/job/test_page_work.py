"""The work on pages, as a host has it done."""

from __future__ import annotations

from collections import Counter

from actors.render.null_renderer import NullRenderer
from actors.render.protocol import RenderAnswer, RenderRequest
from cluster.blobs.memory import MemoryBlobStore
from cluster.errors import CallOverdue
from cluster.record import JobStatus
from tests.actors.job.host_world import HostWorld


class BusyRenderer(NullRenderer):
    """Answers ``times`` calls for each page that they have waited too long."""

    def __init__(self, store: MemoryBlobStore, times: int) -> None:
        super().__init__(store)
        self._times = times
        self.asked: Counter[int] = Counter()

    async def render(self, requests: list[RenderRequest]) -> list[RenderAnswer]:
        self.asked.update(request.page for request in requests)
        rendered = await super().render(requests)
        return [
            CallOverdue() if self.asked[request.page] <= self._times else answer
            for request, answer in zip(requests, rendered, strict=True)
        ]


async def test_a_page_that_waited_too_long_for_its_replica_is_asked_for_again_at_no_cost() -> None:
    world = HostWorld()
    renderer = BusyRenderer(world.store, times=5)
    world.renderer = renderer
    host = world.host()
    await host.start()
    marker = await world.accept(3)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    assert record.status is JobStatus.COMPLETED
    assert renderer.asked == Counter({1: 6, 2: 6, 3: 6})
    assert [page.attempts for page in record.pages.values()] == [1, 1, 1]
    await host.drain()
