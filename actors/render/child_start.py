"""How a child process of the Renderer starts, and the limits under which it runs.

It is made to be lost: its memory is limited (an allocation that fails is an answer, never swapping), it dies with its
parent, and it holds nothing that another one could not make again.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

READY = "ready"
"""The first thing a child process sends."""

Target = Callable[[Connection, int], None]
"""What may run in a child process; tests have broken ones. Arguments: its pipe, and what it may allocate, in MB."""

_PR_SET_PDEATHSIG = 1

NICENESS = 5
"""Drawing ahead takes what an engine on the same cores leaves; when the engine waits for pages, that is all of them."""


def main() -> None:
    """The process's start. Arguments: the pipe's descriptor, the parent's id, the memory limit, MODULE:FUNCTION."""
    descriptor, parent, memory_mb, target = sys.argv[1:]
    _die_with(int(parent))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent says when to end
    module, _, function = target.partition(":")
    serve_orders: Target = getattr(importlib.import_module(module), function)
    with Connection(int(descriptor)) as connection:
        serve_orders(connection, int(memory_mb))


def be_ready(connection: Connection, memory_mb: int) -> None:
    """All that the process takes to start is there: from here on its limits hold, and the parent is told.

    Until now it had its full share of the cores, since pages wait for it.
    """
    limit_memory(memory_mb)
    _give_way()
    connection.send(READY)


def limit_memory(memory_mb: int) -> None:
    """memory_mb: how much the process may allocate above what it has now.

    On the address space, which alone is limited reliably; elsewhere than on Linux there is no such limit.
    """
    if sys.platform == "linux":
        limit = _pages_of_memory(0) + (memory_mb << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def resident_bytes() -> int:
    return _pages_of_memory(1) if sys.platform == "linux" else 0


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)


def _give_way() -> None:
    if sys.platform != "linux":
        os.nice(NICENESS)
        return
    level = os.getpriority(os.PRIO_PROCESS, 0) + NICENESS
    for task in os.listdir("/proc/self/task"):  # on Linux each thread has its own, and libraries have begun some
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, int(task), level)


def _pages_of_memory(column: int) -> int:
    """Bytes by column of /proc/self/statm: 0 the address space, 1 resident."""
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[column]) * resource.getpagesize()
