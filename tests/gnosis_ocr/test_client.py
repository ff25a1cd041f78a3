from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import httpx
import pytest

from gnosis_ocr import AsyncClient, Client, JobNotFound
from tests.gnosis_ocr.canned_wire import Pieces, Wire, problem, record_answer
from tests.gnosis_ocr.event_server import EventServer
from tests.serve_app.canned_server import COMPLETED, JOB_ID, QUEUED

OWN = {"sleep", "transport"}  # of each driver, in its own way


def public(kind: type) -> dict[str, Any]:
    return {name: method for name, method in vars(kind).items() if not name.startswith("_")}


def test_the_two_clients_are_one() -> None:
    waiting, awaited = public(Client), public(AsyncClient)
    assert waiting.keys() - {"close"} == awaited.keys() - {"aclose"}
    for name in waiting.keys() - {"close"}:
        ours, theirs = inspect.signature(waiting[name]), inspect.signature(awaited[name])
        assert ours.parameters == theirs.parameters, name
        assert waiting[name].__doc__ == awaited[name].__doc__, name
        given, told = get_type_hints(waiting[name])["return"], get_type_hints(awaited[name])["return"]
        if get_origin(given) is Generator:
            assert get_origin(told) is AsyncGenerator
            assert get_args(given)[0] == get_args(told)[0]
        else:
            assert given == told
            assert inspect.iscoroutinefunction(awaited[name])
    ours, theirs = inspect.signature(Client.__init__), inspect.signature(AsyncClient.__init__)
    assert {n: p for n, p in ours.parameters.items() if n not in OWN} == {
        n: p for n, p in theirs.parameters.items() if n not in OWN
    }


def test_a_client_serves_several_threads() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        job_id = request.url.path.split("/")[4]
        return httpx.Response(200, json={"job_id": job_id, "status": "completed"})

    wrong: list[str] = []
    with Wire(answer).client() as client:

        def ask(job_id: str) -> None:
            wrong.extend(job_id for _ in range(20) if client.wait(job_id).job_id != job_id)

        threads = [threading.Thread(target=ask, args=(f"job-{number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


async def test_an_awaited_client_serves_several_tasks() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        job_id = request.url.path.split("/")[4]
        return httpx.Response(200, json={"job_id": job_id, "status": "completed"})

    async with Wire(answer).async_client() as client:
        jobs = await asyncio.gather(*(client.wait(f"job-{number}") for number in range(20)))
    assert [job.job_id for job in jobs] == [f"job-{number}" for number in range(20)]


def test_an_iterator_that_is_never_begun_asks_nothing() -> None:
    wire = Wire(record_answer(QUEUED))
    with wire.client() as client:
        client.pages(JOB_ID)
        client.jobs()
    assert wire.requests == []


def test_an_iterator_that_is_left_lets_go_of_its_connection() -> None:
    server = EventServer()
    with Wire(server).client() as client:
        pages = client.pages("j")
        next(pages)
        pages.close()
    assert server.opened[0].closed


async def test_a_task_that_is_cancelled_lets_go_of_its_connection() -> None:
    class Endless(Pieces):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            started.set()
            await asyncio.Event().wait()
            yield b""

    started, body = asyncio.Event(), Endless()
    async with Wire(httpx.Response(200, stream=body)).async_client() as client:
        task = asyncio.create_task(client.result(JOB_ID))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert body.closed


async def test_files_are_read_beside_the_event_loop(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"x" * 600_000)
    threads: set[int] = set()
    opened = Path.open

    def noted(self: Path, *args: Any, **kwargs: Any) -> Any:
        threads.add(threading.get_ident())
        return opened(self, *args, **kwargs)

    notes: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", noted)
        async with Wire(record_answer(QUEUED)).async_client() as client:
            await client.submit(path, on_progress=lambda sent, of: notes.append(threading.get_ident()))
    assert threads
    assert threading.get_ident() not in threads
    assert set(notes) == {threading.get_ident()}, "callers are told in their own thread"


def test_a_client_can_be_closed_by_hand() -> None:
    client = Wire(problem(404, "job_not_found"), record_answer(COMPLETED)).client()
    with pytest.raises(JobNotFound):
        client.status("j")
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.status("j")
