"""Memory of this process, alone and with its children."""

from __future__ import annotations

import subprocess
import sys

from serve_app.process_memory import family_memory_mb, own_memory_mb


def test_a_child_counts_as_long_as_it_runs() -> None:
    before, _ = family_memory_mb()
    program = "print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        processes, memory_mb = family_memory_mb()
        assert processes == before + 1
        assert memory_mb > own_memory_mb() > 1
        child.communicate(b"\n")
    assert family_memory_mb()[0] == before
