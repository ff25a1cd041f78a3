"""Writes of the local blob store that come together are done together.

What is asked for in one turn of the event loop, or while the writing threads are busy, goes to the disk as one group:
one hop into a thread and one back, and each folder synced once. The answers of a group come in one turn as well, so
that what follows from them stays together too: the next calls to a pool can share a message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock

from cluster.blobs.local_folder import Outcome, Write

WRITERS = 2
"""Threads that write at once: while one waits for the disk the other prepares its files."""

MOST = 64
"""Writes in one group."""


class LocalWrites:
    """write: carries out a group, an outcome for each; called in threads of ``pool``."""

    def __init__(self, write: Callable[[Sequence[Write]], Sequence[Outcome]], pool: ThreadPoolExecutor) -> None:
        self._write = write
        self._pool = pool
        self._waiting: list[tuple[Write, asyncio.Future[int]]] = []
        self._unanswered: set[asyncio.Future[int]] = set()
        self._writers = 0
        self._lock = Lock()

    async def submit(self, write: Write) -> int:
        """The generation. OSError, BlobConflict. A caller who is cancelled leaves its write to be done."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[int] = loop.create_future()
        self._unanswered.add(answer)
        answer.add_done_callback(self._unanswered.discard)
        with self._lock:
            self._waiting.append((write, answer))
        loop.call_soon(self._begin)
        return await answer

    async def settled(self) -> None:
        """Returns once every write that was submitted is done."""
        while self._unanswered:
            await asyncio.wait(self._unanswered)

    def _begin(self) -> None:
        """Starts a writing thread, unless all run or nothing waits any more."""
        with self._lock:
            if not self._waiting or self._writers == WRITERS:
                return
            self._writers += 1
        try:
            self._pool.submit(self._run)
        except RuntimeError as error:  # the pool was shut down: nobody is left to write
            while group := self._take():
                answers = [answer for _, answer in group]
                _settle(asyncio.get_running_loop(), answers, [error for _ in answers])

    def _run(self) -> None:
        """In a thread: group after group, until nothing waits."""
        while group := self._take():
            answers = [answer for _, answer in group]
            outcomes: Sequence[Outcome | Exception]
            try:
                outcomes = self._write([write for write, _ in group])
            except Exception as error:  # a bug, told to whoever waits; the thread goes on
                outcomes = [error for _ in group]
            for loop in {answer.get_loop() for answer in answers}:
                with suppress(RuntimeError):  # that loop was closed: nobody waits there
                    loop.call_soon_threadsafe(_settle, loop, answers, outcomes)

    def _take(self) -> list[tuple[Write, asyncio.Future[int]]]:
        with self._lock:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            if not group:
                self._writers -= 1
            return group


def _settle(
    loop: asyncio.AbstractEventLoop, answers: list[asyncio.Future[int]], outcomes: Sequence[Outcome | Exception]
) -> None:
    for answer, outcome in zip(answers, outcomes, strict=True):
        if answer.get_loop() is not loop or answer.done():
            continue
        if isinstance(outcome, int):
            answer.set_result(outcome)
        else:
            answer.set_exception(outcome)
