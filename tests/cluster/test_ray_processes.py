"""Ray starts without the processes that nothing here asks, and is as it was afterwards."""

from __future__ import annotations

import pytest
import ray.dashboard.utils as dashboard_utils
from ray._private import parameter, services
from ray._private.ray_constants import PROCESS_TYPE_DASHBOARD
from ray.dashboard.subprocesses.module import SubprocessModule

from cluster.ray_processes import DASHBOARD, without_needless_processes


def test_monitors_are_left_out_for_the_time_of_the_start() -> None:
    with without_needless_processes():
        within = parameter.RayParams(num_cpus=1)
    after = parameter.RayParams(num_cpus=1)
    assert (within.no_monitor, within.include_log_monitor) == (True, False)
    assert not after.no_monitor


def test_the_dashboard_alone_is_told_what_to_load(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(services, "start_ray_process", lambda command, *rest, **more: started.append(command))
    with without_needless_processes():
        services.start_ray_process(["a"], "raylet", fate_share=True)
        services.start_ray_process(["b"], PROCESS_TYPE_DASHBOARD, fate_share=True)
        services.start_ray_process(["c", "--modules-to-load=UsageStatsHead"], PROCESS_TYPE_DASHBOARD, fate_share=True)
    assert started == [
        ["a"],
        ["b", f"--modules-to-load={','.join(DASHBOARD)}"],
        ["c", "--modules-to-load=UsageStatsHead"],
    ]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the dashboard's own, as it is imported
def test_the_dashboard_has_what_is_to_be_loaded() -> None:
    """Of its processes, all but two; by names that it knows."""
    known = {module.__name__ for module in dashboard_utils.get_all_modules(SubprocessModule) if module.is_enabled()}
    assert known - set(DASHBOARD) == {"TrainHead", "DataHead"}
    assert set(DASHBOARD) - known == {"UsageStatsHead"}, "which is no process of its own"
