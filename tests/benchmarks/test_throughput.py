"""What the turns of a way come to."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.throughput import of_passes

VERSION = "3.10/ppocr/openvino-2026.4-bf16"


def test_turns_are_told_as_one_mean_pass() -> None:
    first = (5.0, [(2, 30, VERSION, 3.0), (1, 12, VERSION, 1.0)], Counter({"OCRActor": 6000, "raylet": 60}))
    second = (7.0, [(2, 30, VERSION, 4.0), (1, 12, VERSION, 2.0)], Counter({"OCRActor": 9000, "JobHost": 30}))
    done = of_passes([first, second])
    assert (done.pages, done.characters, done.runtime) == (3, 42, "openvino")
    assert done.seconds == pytest.approx(6.0)
    assert done.rate == pytest.approx(0.5)
    assert done.busy == pytest.approx(10 / 12)
    assert done.processor_ms == pytest.approx({"OCRActor": 2500.0, "raylet": 10.0, "JobHost": 5.0})
