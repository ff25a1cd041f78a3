"""Calls of the blocking library: in a bounded number of threads, with time-outs, tried again where that is safe.

Theory of operation. An attempt that fails may have been carried out all the same: its answer was lost, or comes too
late. From then on the call is *in doubt*, and whether it may be made again depends on what it does (Repeat). A
refusal (conflict, not found, throttled, forbidden) proves nothing once a write is in doubt, since the attempt before
it may be what changed things: such a write ends as BlobUnavailable, for which every caller has to be ready, and never
as a BlobConflict that would make a winner believe that it lost. Where the store can tell (google_bucket.py looks for
its own mark on what stands there), the call ends as if no answer had been lost.

An attempt may also land late: after the next one (its precondition keeps it out then), after the call was given up, or
after what it had created was removed again. The rules of writing reckon with that: a name that must not come back
keeps a tombstone.

The library's own retries are off: they don't know doubt, their budget is minutes, and a download that they resume in
the middle is no longer checked against its checksum.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from cluster.blobs.google_failure import LIBRARY_ERRORS, Failure, failure_of
from cluster.clock import Clock
from cluster.errors import BlobError, BlobNotFound, BlobThrottled, BlobUnavailable

THREADS = 32
"""Calls at once in one process, and connections that it keeps."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0

T = TypeVar("T")


class Repeat(Enum):
    """Whether a call may be made again."""

    ALWAYS = "always"  # once or twice makes no difference: it reads, or goes on from what was received so far
    GUARDED = "guarded"  # a write with a precondition: a second time it conflicts with itself, and is in doubt then
    UNSENT = "unsent"  # a write without one: only where the request was not carried out for certain


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for a connection, for the next byte of an answer, and for a whole call with all its attempts.

    The last is shorter than a page's time-out, so that an outage is noticed before the page is given up.
    """

    connect_s: float = 5.0
    answer_s: float = 10.0
    budget_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """timeout: for the library, (connect, read) in seconds. in_doubt: an earlier attempt may have been carried out."""

    timeout: tuple[float, float]
    in_doubt: bool


class GoogleCalls:
    def __init__(self, clock: Clock, patience: Patience) -> None:
        self._clock = clock
        self._patience = patience
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="google-blobs")

    async def run(
        self, name: str, work: Callable[[Attempt], T], repeat: Repeat, absent: type[BlobError] = BlobNotFound
    ) -> T:
        """What ``work`` returns, in a thread. Of an operation on the blob ``name``; absent: what 404 means to it.

        Raises BlobErrors. A caller who is cancelled, or whose budget is spent, leaves a running attempt to its end.
        Where the budget cuts the last attempt off, what the one before met is told: it says more.
        """
        end = self._clock.monotonic() + self._patience.budget_s
        pause = FIRST_PAUSE_S
        in_doubt = False
        before: BlobError | None = None
        while True:
            outcome = await self._attempt(name, work, end, in_doubt, absent, before)
            if not isinstance(outcome, Failure):
                return outcome
            in_doubt, before = in_doubt or outcome.in_doubt, outcome.error
            pause_s = pause * random.uniform(0.5, 1.0)  # so that callers who failed together don't return together
            if not _may_repeat(outcome, repeat) or self._clock.monotonic() + pause_s >= end:
                raise _final(outcome.error, name, repeat, in_doubt)
            await self._clock.sleep(pause_s)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def close(self) -> None:
        """Waits for what is under way (in a thread of its own, as the pool's can't wait for themselves)."""
        closer = ThreadPoolExecutor(1)
        await asyncio.get_running_loop().run_in_executor(closer, self._pool.shutdown)
        closer.shutdown(wait=False)

    async def _attempt(
        self,
        name: str,
        work: Callable[[Attempt], T],
        end: float,
        in_doubt: bool,
        absent: type[BlobError],
        before: BlobError | None,
    ) -> T | Failure:
        def attempt() -> T:
            left = end - self._clock.monotonic() + 0.1  # the budget ends a call, not the library
            timeout = min(self._patience.connect_s, left), min(self._patience.answer_s, left)
            return work(Attempt(timeout, in_doubt))

        try:
            async with asyncio.timeout(end - self._clock.monotonic()):
                return await asyncio.get_running_loop().run_in_executor(self._pool, attempt)
        except TimeoutError:
            error = before or BlobUnavailable(f"{name}: no answer within {self._patience.budget_s:g} s")
            return Failure(error, in_doubt=True, passing=True)
        except LIBRARY_ERRORS as error:
            return failure_of(error, name, absent)


def _may_repeat(failure: Failure, repeat: Repeat) -> bool:
    if not failure.passing:
        return False
    if repeat is Repeat.ALWAYS:
        return True
    if isinstance(failure.error, BlobThrottled):
        return False  # whoever writes this name paces itself
    return repeat is Repeat.GUARDED or not failure.in_doubt


def _final(error: BlobError, name: str, repeat: Repeat, in_doubt: bool) -> BlobError:
    """What the caller is told: nothing definite about a write in doubt."""
    definite = not isinstance(error, BlobUnavailable) or isinstance(error, BlobThrottled)
    if definite and in_doubt and repeat is not Repeat.ALWAYS:
        return BlobUnavailable(f"{name}: an answer was lost, and it can't be told whether the write landed")
    return error
