"""Work that outlives the request it came from.

A client's disconnect cancels its handler's task, and Serve carries that cancellation into every call made from the
task's context. What must be finished all the same runs here: in a task of its own, in a context that is empty but for
what log lines say, with a strong reference kept until its end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from cluster.log_context import fresh_context

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Background:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Runs ``work`` without anyone waiting; a failure is logged."""
        self._spawn(work).add_done_callback(_log_failure)

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Awaits ``work``, which goes on to its end even where the awaiting task is cancelled."""
        return await asyncio.shield(self._spawn(work))

    async def idle(self) -> None:
        """Returns once nothing is running."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work, context=fresh_context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.warning("background work failed", exc_info=task.exception())
