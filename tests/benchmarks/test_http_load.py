"""What wrk's report says."""

from __future__ import annotations

import pytest

from benchmarks.http_load import Load, read_wrk

REPORT = """Running 10s test @ http://127.0.0.1:8000/
  2 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    11.91ms    3.18ms  48.12ms   83.11%
    Req/Sec     1.35k   102.11     1.56k    71.00%
  Latency Distribution
     50%  950.00us
     75%   13.00ms
     90%   15.90ms
     99%    1.25s
  26907 requests in 10.01s, 4.12MB read
  Socket errors: connect 1, read 2, write 0, timeout 3
  Non-2xx or 3xx responses: 4
Requests/sec:   2687.43
Transfer/sec:    421.28KB
""".replace("1.25s", "1.25s ")  # as wrk pads it


def test_its_figures_are_read() -> None:
    assert read_wrk(REPORT) == Load("wrk", 2687.43, pytest.approx(0.95), pytest.approx(1250), 10)  # type: ignore[arg-type]


def test_a_report_without_failures_has_none() -> None:
    quiet = "\n".join(line for line in REPORT.splitlines() if "errors" not in line and "Non-2xx" not in line)
    assert read_wrk(quiet).failed == 0


@pytest.mark.parametrize("missing", ["Requests/sec", "99%"])
def test_what_is_no_report_is_an_error(missing: str) -> None:
    with pytest.raises(ValueError, match="wrk told no"):
        read_wrk("\n".join(line for line in REPORT.splitlines() if missing not in line))
