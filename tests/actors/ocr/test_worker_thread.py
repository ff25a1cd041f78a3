from __future__ import annotations

import asyncio
import threading

import pytest

from actors.ocr.worker_thread import WorkerThread


async def test_one_thing_after_the_other_in_one_thread() -> None:
    worker = WorkerThread("test")
    names: list[str] = []

    def work(number: int) -> int:
        names.append(threading.current_thread().name)
        return number

    assert await asyncio.gather(*(worker.call(lambda n=n: work(n)) for n in range(5))) == list(range(5))  # type: ignore[misc]
    assert names == ["test"] * 5
    worker.close()


async def test_what_is_raised_comes_back_and_the_thread_goes_on() -> None:
    worker = WorkerThread("test")

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await worker.call(fail)
    assert await worker.call(lambda: 1) == 1
    worker.close()


async def test_an_answer_that_nobody_waits_for_is_dropped() -> None:
    worker = WorkerThread("test")
    gate = threading.Event()
    answer = worker.call(lambda: gate.wait(5))
    answer.cancel()
    gate.set()
    assert await worker.call(lambda: 2) == 2
    worker.close()


def test_a_hung_thread_does_not_keep_the_process() -> None:
    before = {thread for thread in threading.enumerate() if not thread.daemon}
    worker = WorkerThread("test")
    assert {thread for thread in threading.enumerate() if not thread.daemon} == before
    worker.close()
