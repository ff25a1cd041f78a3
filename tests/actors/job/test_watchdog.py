"""The watchdog ends a process whose event loop stands still, and no other."""

from __future__ import annotations

import subprocess
import sys
import textwrap

from tests.conftest import REPOSITORY

SCRIPT = """
    import asyncio, time
    from actors.job.watchdog import Watchdog
    from cluster.clock import SystemClock

    async def main() -> None:
        task = Watchdog(SystemClock(), limit_s={limit}).start()
        await asyncio.sleep(2.5)
        {then}
        task.cancel()

    asyncio.run(main())
"""


def run(limit: float, then: str) -> int:
    script = textwrap.dedent(SCRIPT).format(limit=limit, then=then)
    return subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, timeout=60).returncode


def test_a_living_loop_is_left_alone() -> None:
    assert run(2.0, "pass") == 0


def test_a_loop_that_stands_still_is_ended() -> None:
    assert run(2.0, "time.sleep(20)") == 70
