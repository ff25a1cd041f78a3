"""One thread that does one thing after the other, for calls that may hang.

It is a daemon: a hung call must not keep its process from ending, as the threads of an executor do.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Call:
    work: Callable[[], Any]
    answer: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class WorkerThread:
    def __init__(self, name: str) -> None:
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def call(self, work: Callable[[], Result]) -> asyncio.Future[Result]:
        """What ``work`` returns or raises, once those asked before are done."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        self._calls.put(_Call(work, answer, loop))
        return answer

    def close(self) -> None:
        """Ends the thread after what was asked so far; does not wait for it."""
        self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            try:
                result, error = call.work(), None
            except Exception as raised:
                result, error = None, raised
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits for the answer
                call.loop.call_soon_threadsafe(_settle, call.answer, result, error)
            del call, result, error  # the next call may be long in coming, and these hold a batch of images


def _settle(answer: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
