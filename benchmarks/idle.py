"""What a cluster costs that has nothing to do: memory and processor time by part, as ``gnosis-ocr serve`` starts it.

With the engine rapidocr and Ray's dashboard; before the first page, and after one was read.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.control_plane import PARTS, REST, memory, processor_ms
from benchmarks.running_cluster import REPOSITORY, RunningCluster, read_to_the_end, running_cluster
from benchmarks.table import print_table
from cluster.settings import load_settings
from serve_app.server import running_server, wait_for_signal
from tests.ports import free_port

SETTLE_S, WATCHED_S = 10.0, 60.0
LETTER = Path("samples") / "letter.png"
MORE_PARTS = {"dashboard": "dashboard/dashboard.py", "dashboard agent": "dashboard/agent.py"}


def whole_cluster() -> AbstractContextManager[RunningCluster]:
    return running_cluster("benchmarks.idle", engines="rapidocr", dashboard_port=str(free_port()))


def measure(watched_s: float) -> None:
    with whole_cluster() as cluster, cluster.client() as client:
        time.sleep(SETTLE_S)
        before = processor_ms(cluster, MORE_PARTS)
        time.sleep(watched_s)
        spent = processor_ms(cluster, MORE_PARTS) - before
        idle = memory(cluster, MORE_PARTS)
        read_to_the_end(client, LETTER.name, (REPOSITORY / LETTER).read_bytes())
        time.sleep(SETTLE_S)
        after = memory(cluster, MORE_PARTS)
    print_table(
        f"Idle, with rapidocr and the dashboard; processor time over {watched_s:.0f} s",
        ["process", "% of a core", "USS MB", "PSS MB", "PSS MB after a page"],
        _rows(spent, watched_s, idle, after),
    )


Memory = dict[str, tuple[float, float]]


def _rows(spent: Counter[str], watched_s: float, idle: Memory, after: Memory) -> list[list[str]]:
    figures = {
        part: (spent[part] / 10 / watched_s, *idle.get(part, (0.0, 0.0)), after.get(part, (0.0, 0.0))[1])
        for part in (*PARTS, *MORE_PARTS, REST)
    }
    figures["in all"] = tuple(sum(column) for column in zip(*figures.values(), strict=True))
    return [
        [name, f"{share:.1f}", *(f"{megabytes:.0f}" for megabytes in sizes)]
        for name, (share, *sizes) in figures.items()
        if share or any(sizes)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=WATCHED_S, help="of doing nothing (default 60)")
    measure(parser.parse_args().seconds)


if __name__ == "__main__":
    with running_server(load_settings()):
        wait_for_signal()
