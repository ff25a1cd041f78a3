"""An event loop for several processes in one thread: time is virtual, who runs next is drawn from a seed.

Theory of operation. Every callback belongs to the process whose code asked for it; a context variable remembers which.
Within a process callbacks run first in, first out, as asyncio promises; between processes the seed decides. When no
process has anything to do, time jumps to the next timer. A process that is killed never runs again: its coroutines stay
where they were, and nothing is tidied up, as after kill -9. One that is stalled keeps its callbacks until it goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import heapq
import warnings
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")


def _inside(task: asyncio.Task[Any]) -> Any:
    """The task, for a look at what asyncio keeps to itself."""
    return task


class Process:
    """What can be killed and stalled as a whole. alive, stalled: read them; Loop.kill and Loop.stall set them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.stalled = False
        self.ready: deque[asyncio.Handle] = deque()

    def __repr__(self) -> str:
        return self.name


CURRENT: contextvars.ContextVar[Any] = contextvars.ContextVar("process", default=None)
"""The Process whose code is running; None outside of all."""
STEP_S = 1e-6
"""How long a callback takes: time never stands quite still."""
MOST_STEPS = 1_000_000
"""A simulation that takes more is going in circles."""


class SimulatedLoop(asyncio.AbstractEventLoop):
    """faults: what ended in an exception that nobody took; empty in a sound run."""

    def __init__(self, seed: int) -> None:
        self.faults: list[str] = []
        self.steps = 0
        self._random = Random(seed)
        self._now = 0.0
        self._timers: list[tuple[float, int, Process, asyncio.TimerHandle]] = []
        self._numbers = 0
        self._outside = Process("outside")
        self._processes = [self._outside]
        self._tasks: list[tuple[Process, asyncio.Task[Any]]] = []
        self._buried = False

    # ------------------------------------------------------------ processes

    def process(self, name: str) -> Process:
        process = Process(name)
        self._processes.append(process)
        return process

    def start(self, process: Process, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Runs ``work`` as a task of ``process``."""
        context = contextvars.copy_context()
        context.run(CURRENT.set, process)
        return context.run(self.create_task, work)

    def outside(self, delay: float, callback: Callable[[], object]) -> None:
        """Has this done in ``delay`` seconds, by nobody who could be killed or stalled."""
        self.call_later(delay, callback, context=contextvars.Context())

    def kill(self, process: Process) -> None:
        process.alive = False
        process.ready.clear()
        self._processes.remove(process)

    # ------------------------------------------------------------ running

    def run_until(self, condition: Callable[[], bool], limit_s: float) -> bool:
        """Runs until ``condition`` holds, at most ``limit_s`` seconds of virtual time; returns whether it holds."""
        deadline = self._now + limit_s
        events._set_running_loop(self)
        try:
            while not condition():
                if not self._step(deadline):
                    return condition()
        finally:
            events._set_running_loop(None)
        return True

    def run_for(self, seconds: float) -> None:
        self.run_until(lambda: False, seconds)

    def _step(self, deadline: float) -> bool:
        """Runs one callback, or moves time. False: nothing more happens up to ``deadline``."""
        runnable = [process for process in self._processes if process.ready and not process.stalled]
        if runnable:
            process = runnable[0] if len(runnable) == 1 else self._random.choice(runnable)
            handle = process.ready.popleft()
            if not handle.cancelled():
                handle._run()
            self.steps += 1
            self._now += STEP_S
            assert self.steps < MOST_STEPS, f"going in circles at {self._now:.1f} s"
            return True
        while self._timers and (self._timers[0][3].cancelled() or not self._timers[0][2].alive):
            heapq.heappop(self._timers)
        if not self._timers or self._timers[0][0] > deadline:
            self._now = max(self._now, deadline)
            return False
        self._now = max(self._now, self._timers[0][0])
        while self._timers and self._timers[0][0] <= self._now:
            _, _, process, timer = heapq.heappop(self._timers)
            if process.alive:
                process.ready.append(timer)
        return True

    def unretrieved(self) -> Iterator[BaseException]:
        """Exceptions that ended a task of a living process, and that nobody has looked at."""
        for process, task in self._tasks:
            if process.alive and task.done() and not task.cancelled() and _inside(task)._log_traceback:
                error = task.exception()
                if error is not None:
                    yield error

    def bury(self) -> None:
        """Ends what is still under way, so that nothing of it speaks up when its memory is freed."""
        self._buried = True
        events._set_running_loop(self)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for _, task in self._tasks:
                    if not task.done():
                        _inside(task)._log_destroy_pending = False
                        with contextlib.suppress(BaseException):
                            task.get_coro().close()
                self._tasks.clear()
                self._timers.clear()
        finally:
            events._set_running_loop(None)

    # ------------------------------------------------------------ what asyncio asks of a loop

    def time(self) -> float:
        return self._now

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return self._buried

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        context = contextvars.copy_context() if context is None else context
        handle = asyncio.Handle(callback, args, self, context)
        process = context.get(CURRENT) or self._outside
        if process.alive and not self._buried:
            process.ready.append(handle)
        return handle

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        context = contextvars.copy_context() if context is None else context
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._numbers += 1
        if not self._buried:
            heapq.heappush(self._timers, (when, self._numbers, context.get(CURRENT) or self._outside, timer))
        return timer

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self, coro: Coroutine[Any, Any, T], *, name: object = None, context: contextvars.Context | None = None
    ) -> asyncio.Task[T]:
        if self._buried:
            coro.close()
            return self.create_future()  # type: ignore[return-value]
        process = CURRENT.get()
        if context is not None:  # an empty one, so that nothing cascades: it is the same process all the same
            context.run(CURRENT.set, process)
        task = asyncio.Task(coro, loop=self, context=context)
        # Kept to the end: no coroutine may be closed, and its `finally` run, by the collection of garbage.
        self._tasks.append((process or self._outside, task))
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if not self._buried and "future" not in context:  # a future whose waiter was killed is nobody's fault
            self.faults.append(f"{context.get('message')}: {context.get('exception')!r}")

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Cancelled timers are dropped when their time comes."""
