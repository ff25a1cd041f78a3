"""What this process takes of the machine's memory."""

from __future__ import annotations

import psutil


def own_memory_mb() -> float:
    """Resident memory in megabytes, without what it shares with others."""
    memory = psutil.Process().memory_info()
    return float(memory.rss - memory.shared) / 1e6
