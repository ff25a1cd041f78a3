"""Calls of the blocking library: what is made again, how often, and what a caller is told in the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
import requests

from cluster.blobs.google_calls import THREADS, Attempt, GoogleCalls, Patience, Repeat
from cluster.clock import SystemClock
from cluster.errors import BlobConflict, BlobError, BlobForbidden, BlobNotFound, BlobThrottled, BlobUnavailable
from tests.cluster.blobs.google_errors import answered, never_sent, no_answer

PATIENCE = Patience(connect_s=0.1, answer_s=0.2, budget_s=0.5)


@pytest.fixture
async def calls() -> AsyncIterator[GoogleCalls]:
    calls = GoogleCalls(SystemClock(), PATIENCE)
    yield calls
    await calls.close()


class Work:
    """Fails with each of ``errors`` in turn, then succeeds. attempts: as it was called."""

    def __init__(self, *errors: Exception) -> None:
        self._errors: Iterator[Exception] = iter(errors)
        self.attempts: list[Attempt] = []

    def __call__(self, attempt: Attempt) -> str:
        self.attempts.append(attempt)
        for error in self._errors:
            raise error
        return "done"

    @property
    def doubts(self) -> list[bool]:
        return [attempt.in_doubt for attempt in self.attempts]


@pytest.mark.parametrize("repeat", list(Repeat))
@pytest.mark.parametrize("error", [never_sent(), requests.ConnectTimeout(never_sent().args[0])])
async def test_what_was_never_sent_is_sent_again(calls: GoogleCalls, repeat: Repeat, error: Exception) -> None:
    work = Work(error, error)
    assert await calls.run("a", work, repeat) == "done"
    assert work.doubts == [False, False, False]


@pytest.mark.parametrize("error", [no_answer(), answered(503), answered(500), answered(408)])
async def test_what_may_have_been_done_is_sent_again_where_that_is_safe(calls: GoogleCalls, error: Exception) -> None:
    for repeat in (Repeat.ALWAYS, Repeat.GUARDED):
        work = Work(error)
        assert await calls.run("a", work, repeat) == "done"
        assert work.doubts == [False, True]
    work = Work(error)
    with pytest.raises(BlobUnavailable):
        await calls.run("a", work, Repeat.UNSENT)
    assert len(work.attempts) == 1


@pytest.mark.parametrize(
    ("status", "error"), [(412, BlobConflict), (404, BlobNotFound), (403, BlobForbidden), (429, BlobThrottled)]
)
async def test_a_refusal_of_a_write_is_believed_only_without_doubt(
    calls: GoogleCalls, status: int, error: type[BlobError]
) -> None:
    for repeat in (Repeat.GUARDED, Repeat.UNSENT):
        with pytest.raises(error):
            await calls.run("a", Work(never_sent(), answered(status)), repeat)
    with pytest.raises(BlobUnavailable) as caught:
        await calls.run("a", Work(no_answer(), answered(status)), Repeat.GUARDED)
    assert type(caught.value) is BlobUnavailable


@pytest.mark.parametrize(("status", "error"), [(404, BlobNotFound), (403, BlobForbidden)])
async def test_a_refusal_of_a_read_is_always_believed(calls: GoogleCalls, status: int, error: type[BlobError]) -> None:
    with pytest.raises(error):
        await calls.run("a", Work(no_answer(), answered(status)), Repeat.ALWAYS)


async def test_throttling_is_waited_for_by_reads_and_told_to_writers(calls: GoogleCalls) -> None:
    assert await calls.run("a", Work(answered(429)), Repeat.ALWAYS) == "done"
    for repeat in (Repeat.GUARDED, Repeat.UNSENT):
        work = Work(answered(429))
        with pytest.raises(BlobThrottled):
            await calls.run("a", work, repeat)
        assert len(work.attempts) == 1


async def test_what_404_means_is_up_to_the_call(calls: GoogleCalls) -> None:
    with pytest.raises(BlobForbidden):
        await calls.run("a", Work(answered(404)), Repeat.ALWAYS, BlobForbidden)


async def test_attempts_end_with_the_budget(calls: GoogleCalls) -> None:
    work = Work(*[answered(503)] * 100)
    begun = asyncio.get_running_loop().time()
    with pytest.raises(BlobUnavailable):
        await calls.run("a", work, Repeat.ALWAYS)
    assert asyncio.get_running_loop().time() - begun <= PATIENCE.budget_s + 0.1
    assert 2 <= len(work.attempts) < 10
    for attempt in work.attempts:
        connect, answer = attempt.timeout
        assert connect <= PATIENCE.connect_s
        assert answer <= PATIENCE.answer_s


@pytest.mark.parametrize(
    ("repeat", "status", "error"),
    [
        (Repeat.ALWAYS, 429, BlobThrottled),
        (Repeat.ALWAYS, 503, BlobUnavailable),
        (Repeat.GUARDED, 503, BlobUnavailable),
    ],
)
async def test_an_attempt_that_the_budget_cuts_off_hides_nothing(
    calls: GoogleCalls, repeat: Repeat, status: int, error: type[BlobError]
) -> None:
    gate = threading.Event()
    refused = Work(answered(status))

    def work(attempt: Attempt) -> str:
        refused(attempt)
        gate.wait(30)
        return "too late"

    try:
        with pytest.raises(error) as caught:
            await calls.run("a", work, repeat)
    finally:
        gate.set()
    assert type(caught.value) is error
    assert "no answer" not in str(caught.value)
    assert len(refused.attempts) == 2


async def test_nobody_waits_longer_than_the_budget(calls: GoogleCalls) -> None:
    gate = threading.Event()
    hanging = [asyncio.create_task(calls.run("a", lambda _: gate.wait(30), Repeat.ALWAYS)) for _ in range(THREADS)]
    queued = Work()
    begun = asyncio.get_running_loop().time()
    outcomes = await asyncio.gather(*hanging, calls.run("b", queued, Repeat.GUARDED), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {BlobUnavailable}
    assert asyncio.get_running_loop().time() - begun < 2 * PATIENCE.budget_s
    gate.set()
    await calls.close()
    assert queued.attempts == [], "what waited for a thread is not carried out afterwards"


async def test_a_mistake_of_ours_is_not_hidden(calls: GoogleCalls) -> None:
    with pytest.raises(KeyError):
        await calls.run("a", Work(KeyError("x")), Repeat.ALWAYS)


async def test_an_error_of_ours_passes_through(calls: GoogleCalls) -> None:
    with pytest.raises(BlobConflict, match="as it is"):
        await calls.run("a", Work(BlobConflict("as it is")), Repeat.ALWAYS)
