"""What a host tells the metrics of jobs that end well, badly, and again."""

from __future__ import annotations

from actors.job.host_meter import HostMeter
from actors.job.ports import ReplicaLost
from cluster import metrics
from cluster.clock import ManualClock
from cluster.errors import EngineFailed
from cluster.marker import Operation
from cluster.meter import Collected, Meter
from cluster.metrics import Metric
from tests.actors.job.host_world import ENGINE, HostWorld, ScriptedOcr, until


def counts(collected: Collected, metric: Metric) -> dict[tuple[str, ...], float]:
    return {labels: count for (counted, labels), count in collected.counts.items() if counted is metric and count}


async def test_a_job_is_counted_with_its_pages_and_the_time_of_each_stage() -> None:
    bad_page: list[Exception] = [EngineFailed("unreadable") for _ in range(3)]
    world = HostWorld(ocr=ScriptedOcr(faults={2: bad_page, 3: [ReplicaLost("killed")]}))
    host = world.host()
    await host.start()
    marker = await world.accept(4)
    await host.adopt(marker.job_id)
    await world.ended(marker)
    await host.drain()
    collected = world.meter.collect()
    pages = counts(collected, metrics.PAGES_ENDED)
    assert pages[("completed", ENGINE, "ocr")] == 3
    assert sum(count for (outcome, _, _), count in pages.items() if outcome == "failed") == 1
    assert counts(collected, metrics.JOBS_ENDED) == {("partial",): 1}
    assert counts(collected, metrics.REPLICAS_LOST) == {(ENGINE, "no"): 1}
    assert counts(collected, metrics.ATTEMPTS_AGAIN) == {("recognise",): 3}
    assert counts(collected, metrics.RECORD_SAVES)[("saved",)] >= 2
    seen = {labels[0]: len(values) for (metric, labels), values in collected.values.items() if len(labels) == 1}
    assert (seen["open"], seen["wait"], seen["render"], seen["save"], seen["assemble"]) == (1, 4, 4, 3, 1)
    assert seen["partial"] == 1, "the job's own seconds"


async def test_pages_that_a_cancellation_skips_are_counted() -> None:
    world = HostWorld(ocr=ScriptedOcr(open_until=1))
    host = world.host(window=2)
    await host.start()
    marker = await world.accept(5)
    await host.adopt(marker.job_id)
    await until(lambda: world.ocr.waiting == 2)
    await world.order(marker, Operation.CANCEL)
    await host.notify(marker.job_id)
    await world.ended(marker)
    await host.drain()
    pages = counts(world.meter.collect(), metrics.PAGES_ENDED)
    assert pages == {("completed", ENGINE, "ocr"): 1, ("skipped", "none", "none"): 4}


async def test_what_waits_is_shown_with_the_age_of_its_oldest_page() -> None:
    world = HostWorld(ocr=ScriptedOcr(open_until=0))
    host = world.host(window=30)
    host._services.meter.watch(host, host._services.gate)
    await host.start()
    marker = await world.accept(20)
    await host.adopt(marker.job_id)
    await until(lambda: world.ocr.waiting > 0)
    gauges = world.meter.collect().gauges
    assert gauges[(metrics.JOBS_LIVE, ())] == 1
    assert gauges[(metrics.PAGES_IN_FLIGHT, (ENGINE,))] == 16
    assert gauges[(metrics.PAGES_WAITING, (ENGINE,))] == 4
    assert gauges[(metrics.OLDEST_PAGE, (ENGINE,))] > 0
    world.ocr.gate.set()
    await world.ended(marker)
    gauges = world.meter.collect().gauges
    assert gauges[(metrics.OLDEST_PAGE, (ENGINE,))] == 0
    assert gauges[(metrics.PAGES_IN_FLIGHT, (ENGINE,))] == 0
    await host.drain()


async def test_a_page_keeps_its_age_as_it_goes_from_pool_to_pool() -> None:
    clock = ManualClock()
    meter = HostMeter(Meter(clock), clock)
    meter.page_came("a", 1, "quick")
    await clock.advance(5)
    meter.page_came("a", 1, "thorough")
    meter.page_came("b", 7, "thorough")
    assert meter.oldest("quick") == 5
    assert meter.oldest("thorough") == 0
    await clock.advance(1)
    meter.pages_left("a", but=[])
    assert (meter.oldest("quick"), meter.oldest("thorough")) == (0, 1)
    meter.page_left("b", 7)
    assert meter.oldest("thorough") == 0
