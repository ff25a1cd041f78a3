"""Ray's own processes that a local cluster does without, since nothing here asks them anything.

The autoscaler's monitor has no machines to start, the log monitor would send workers' output to a driver that does not
want it (the dashboard reads log files itself), and the dashboard has a process each for Ray Train and Ray Data. Ray has
no switches for them in ``ray.init``, so its own parameters are given other defaults while it starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

DASHBOARD = (
    "NodeHead",
    "ReportHead",
    "JobHead",
    "MetricsHead",
    "ServeHead",
    "EventHead",
    "StateHead",
    "UsageStatsHead",
)
"""The dashboard's modules that are loaded: all but those of Ray Train and Ray Data."""


@contextmanager
def without_needless_processes() -> Iterator[None]:
    """For the time of ``ray.init``."""
    from ray._private import parameter, services
    from ray._private.ray_constants import PROCESS_TYPE_DASHBOARD

    params, start = parameter.RayParams, services.start_ray_process

    def fewer(**given: Any) -> Any:
        return params(**{"no_monitor": True, "include_log_monitor": False, **given})

    def start_with_fewer_modules(command: list[str], process_type: str, *rest: Any, **more: Any) -> Any:
        if process_type == PROCESS_TYPE_DASHBOARD and not any("--modules-to-load" in word for word in command):
            command = [*command, f"--modules-to-load={','.join(DASHBOARD)}"]
        return start(command, process_type, *rest, **more)

    parameter.RayParams, services.start_ray_process = fewer, start_with_fewer_modules
    try:
        yield
    finally:
        parameter.RayParams, services.start_ray_process = params, start
