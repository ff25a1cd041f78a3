"""What a meter has counted goes to Ray's metrics as it is, and nothing that Ray says stops the work."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import ray.util.metrics

from cluster.clock import ManualClock, settle
from cluster.meter import Meter
from cluster.metrics import BATCH_FILL, JOBS_ENDED, PAGES_WAITING, PROCESS_MEMORY, PROCESS_STARTED
from cluster.ray_metrics import RayMetrics, metered_process

RECORDED: list[tuple[str, str, float, dict[str, str]]] = []


class Recorder:
    """Stands for a metric of Ray's."""

    def __init__(self, name: str, *arguments: Any) -> None:
        self.name = name
        assert arguments[0], "it has a meaning"

    def _record(self, value: float, tags: dict[str, str]) -> None:
        RECORDED.append((type(self).__name__, self.name, value, tags))


@pytest.fixture(autouse=True)
def recorders(monkeypatch: pytest.MonkeyPatch) -> None:
    RECORDED.clear()
    for kind in ("Counter", "Gauge", "Histogram"):
        monkeypatch.setattr(ray.util.metrics, kind, type(kind, (Recorder,), {}))


def test_each_kind_goes_to_its_own_with_named_labels() -> None:
    meter = Meter()
    meter.add(JOBS_ENDED, "completed", amount=0)
    meter.observe(BATCH_FILL, 0.5, "null", times=2)
    meter.set(PAGES_WAITING, 7, "null")
    exporter = RayMetrics(meter, ManualClock())
    exporter.export()
    assert RECORDED == [
        ("Counter", "gnosis_jobs_ended", 0, {"status": "completed"}),
        ("Histogram", "gnosis_batch_fill", 0.5, {"engine": "null"}),
        ("Histogram", "gnosis_batch_fill", 0.5, {"engine": "null"}),
        ("Counter", "gnosis_batch_fill_summed", 1.0, {"engine": "null"}),
        ("Gauge", "gnosis_pages_waiting", 7, {"pool": "null"}),
    ]
    RECORDED.clear()
    exporter.export()
    assert [name for _, name, _, _ in RECORDED] == ["gnosis_pages_waiting"], "what was sent is not sent again"


def test_a_failure_of_ray_is_logged_and_work_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(recorder: Recorder, value: float, tags: dict[str, str]) -> None:
        raise RuntimeError("Ray is away")

    meter = Meter()
    meter.set(PAGES_WAITING, 7, "null")
    monkeypatch.setattr(Recorder, "_record", broken)
    RayMetrics(meter, ManualClock()).export()
    assert "Ray is away" in caplog.text


async def test_a_process_tells_of_itself_every_second() -> None:
    clock = ManualClock()
    sizes = [100.0, 250.0]
    metered_process("OCRActor", clock, lambda: sizes.pop(0), "null")
    await settle()
    await clock.advance(1)
    told = {name: value for _, name, value, _ in RECORDED}
    assert told[PROCESS_MEMORY.name] == 250e6
    assert told[PROCESS_STARTED.name] > 1.6e9
    assert [tags for _, _, _, tags in RECORDED] == [{"role": "OCRActor", "pool": "null"}] * 4
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
