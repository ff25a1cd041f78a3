"""Jobs and the pools that read them: the one that was asked for, the one that helps, and one that is gone."""

from __future__ import annotations

import pytest

from actors.ocr.protocol import RecognizeRequest
from cluster import layout
from cluster.errors import EngineFailed, EngineGaveUp, PageError
from cluster.page_text import PageText, decode_result
from cluster.record import JobRecord, JobStatus
from tests.actors.job.host_world import ENGINE, OTHER, HostWorld, ScriptedOcr


@pytest.fixture
def world() -> HostWorld:
    return HostWorld()


async def ended(world: HostWorld, pages: int, **options: object) -> JobRecord:
    host = world.host()
    await host.start()
    marker = await world.accept(pages, options=options)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    assert host.info()["pages_in_flight"] == 0
    await host.drain()
    return record


async def test_the_engine_that_a_job_names_reads_it(world: HostWorld) -> None:
    assert {page.engine for page in (await ended(world, 5)).pages.values()} == {ENGINE}
    assert {page.engine for page in (await ended(world, 5, engine=OTHER)).pages.values()} == {OTHER}


async def test_what_an_engine_gives_up_is_read_by_the_next_which_the_page_tells(world: HostWorld) -> None:
    world.chains = {None: (ENGINE, OTHER)}
    world.ocr.faults = {2: [EngineGaveUp("It repeats itself.")], 3: [EngineFailed("no")] * 3}
    record = await ended(world, 4)
    assert record.status is JobStatus.COMPLETED
    assert [record.pages[n].engine for n in range(1, 5)] == [ENGINE, OTHER, OTHER, ENGINE]
    assert [record.pages[n].attempts for n in range(1, 5)] == [1, 2, 4, 1]
    assert record.pages[2].reason == f"{ENGINE}: engine_failed, It repeats itself."
    prefix = layout.job_prefix("reader@example.org", record.job_id)
    stored = decode_result((await world.store.read(layout.page_result(prefix, 2))).data)
    assert stored.read.reason == record.pages[2].reason, "who recovers the job learns it from the result"


async def test_an_engine_that_is_not_configured_any_more_fails_the_pages(world: HostWorld) -> None:
    record = await ended(world, 2, engine="gone")
    assert record.status is JobStatus.FAILED
    errors = {page.error.code if page.error else "" for page in record.pages.values()}
    assert errors == {"engine_failed"}
    assert world.ocr.reads.total() == world.other.reads.total() == 0


async def test_bulk_pages_are_told_as_such_to_the_pool(world: HostWorld) -> None:
    class Ranked(ScriptedOcr):
        ranks: set[int] = set()  # noqa: RUF012  # one test's

        async def recognize(self, requests: list[RecognizeRequest]) -> list[PageText | PageError]:
            self.ranks |= {request.rank for request in requests}
            return await super().recognize(requests)

    world.ocr = ocr = Ranked()
    await ended(world, 2, priority="bulk")
    await ended(world, 2)
    assert ocr.ranks == {1, 2}
