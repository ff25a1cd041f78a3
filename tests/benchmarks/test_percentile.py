"""A share of values lies below their percentile."""

from __future__ import annotations

import math

from benchmarks.percentile import percentile


def test_percentiles() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([7.0], 0.99)) == (51.0, 100.0, 7.0)


def test_there_is_none_of_nothing() -> None:
    assert math.isnan(percentile([], 0.5))
