"""What this process takes of the machine's memory, alone and with the processes that it runs."""

from __future__ import annotations

from contextlib import suppress

import psutil


def own_memory_mb() -> float:
    """Resident memory in megabytes, without what it shares with others."""
    return _memory_mb(psutil.Process())


def family_memory_mb() -> tuple[int, float]:
    """Of this process and those that it runs: how many they are, and what they take together. Reads all of /proc."""
    own = psutil.Process()
    taken = [own_memory_mb()]
    for child in own.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            taken.append(_memory_mb(child))
    return len(taken), sum(taken)


def _memory_mb(process: psutil.Process) -> float:
    memory = process.memory_info()
    return float(memory.rss - memory.shared) / 1e6
