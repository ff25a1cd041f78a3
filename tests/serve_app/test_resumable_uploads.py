"""Resumable uploads that break off, meet, or meet a store that fails; and the budget of bytes in flight."""

from __future__ import annotations

import asyncio

import pytest

from cluster.blobs.faults import FaultKind
from cluster.clock import settle
from cluster.errors import BlobConflict
from tests.serve_app.builders import Server, server, stream
from tests.serve_app.tus import CHUNK, created, offset_of, patched, refusal, stored_content

MEGABYTE = 1 << 20


async def _break_off(web: Server, path: str, pieces: list[bytes], *, cancel: bool = False) -> None:
    """A PATCH whose client goes away after ``pieces``: by message, or by Serve's cancelling the handler."""
    messages: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    offset = await offset_of(web.client, path)
    headers = {**CHUNK, "Upload-Offset": str(offset)}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "PATCH",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    for piece in pieces:
        messages.put_nowait({"type": "http.request", "body": piece, "more_body": True})

    async def send(message: object) -> None:
        """Nobody listens."""

    task = asyncio.create_task(web.app(scope, messages.get, send))
    await settle(200)
    assert messages.empty()
    if cancel:
        task.cancel()
    else:
        messages.put_nowait({"type": "http.disconnect"})
    await asyncio.wait([task], timeout=2)
    assert task.done()


@pytest.mark.parametrize("cancel", [False, True])
async def test_what_arrived_before_a_break_is_kept(cancel: bool) -> None:
    web = server(upload_budget_mb=40)
    content = bytes(range(256)) * (20 * MEGABYTE // 256)
    async with web.client:
        path = await created(web.client, len(content))
        await _break_off(web, path, [content[: 9 * MEGABYTE], content[9 * MEGABYTE : 10 * MEGABYTE]], cancel=cancel)
        assert await offset_of(web.client, path) == 10 * MEGABYTE
        answer = await patched(web.client, path, 10 * MEGABYTE, content[10 * MEGABYTE :])
        assert answer.headers["upload-offset"] == str(len(content))
    assert await stored_content(web, path) == content


async def test_a_break_while_a_part_is_written_lets_it_land_and_writes_nothing_else() -> None:
    web = server(upload_budget_mb=40)
    content = b"x" * (8 * MEGABYTE) + b"y" * 100
    async with web.client:
        path = await created(web.client, len(content))
        slow = web.store.fail("create", "*part-*", FaultKind.SLOW)
        task = asyncio.create_task(patched(web.client, path, 0, content))
        await settle(200)
        task.cancel()
        await asyncio.wait([task])
        slow.gate.set()
        await settle(100)
        assert await offset_of(web.client, path) == 8 * MEGABYTE
        assert (await patched(web.client, path, 8 * MEGABYTE, content[8 * MEGABYTE :])).status_code == 204
    assert await stored_content(web, path) == content


async def test_two_at_the_same_moment_at_one_offset(web: Server) -> None:
    path = await created(web.client, 4)
    bodies = [b"aaaa", b"bb", b"cccc", b"d"]
    answers = await asyncio.gather(*(patched(web.client, path, 0, body) for body in bodies))
    won = [body for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 204]
    assert len(won) == 1
    assert [refusal(each) for each in answers if each.status_code != 204] == [(409, "upload_offset_mismatch")] * 3
    assert await stored_content(web, path) == won[0]
    assert await offset_of(web.client, path) == len(won[0])


@pytest.mark.parametrize("kind", [FaultKind.LOST_ANSWER, FaultKind.LATE, FaultKind.UNAVAILABLE])
async def test_a_store_that_does_not_answer_costs_one_question(web: Server, kind: FaultKind) -> None:
    path = await created(web.client, 4)
    web.store.fail("create", "*part-*", kind)
    answer = await patched(web.client, path, 0, b"abcd")
    assert refusal(answer) == (503, "storage_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    for late in web.store.late:
        late.land()
    offset = await offset_of(web.client, path)
    assert offset == (0 if kind is FaultKind.UNAVAILABLE else 4)
    assert (await patched(web.client, path, offset, b"abcd"[offset:])).status_code == 204
    assert await stored_content(web, path) == b"abcd"


async def test_a_write_that_lands_after_another_has_gone_on_there_changes_nothing(web: Server) -> None:
    path = await created(web.client, 4)
    web.store.fail("create", "*part-*", FaultKind.LATE)
    assert (await patched(web.client, path, 0, b"abcd")).status_code == 503
    assert (await patched(web.client, path, 0, b"ab")).status_code == 204
    with pytest.raises(BlobConflict):
        web.store.late[0].land()
    assert await offset_of(web.client, path) == 2
    assert (await patched(web.client, path, 2, b"cd")).status_code == 204
    assert await stored_content(web, path) == b"abcd"


async def test_past_the_budget_of_bytes_in_flight(web: Server) -> None:
    path, other = await created(web.client, 9 * MEGABYTE), await created(web.client, 6 * MEGABYTE)
    slow = web.store.fail("create", "*part-*", FaultKind.SLOW)
    first = asyncio.create_task(patched(web.client, path, 0, b"x" * (5 * MEGABYTE)))
    await settle(200)
    answer = await patched(web.client, other, 0, b"y" * (4 * MEGABYTE))
    assert refusal(answer) == (503, "overloaded")
    assert int(answer.headers["retry-after"]) > 0
    unannounced = await patched(web.client, other, 0, stream([b"y"]))
    assert refusal(unannounced) == (503, "overloaded"), "it may become the whole rest"
    slow.gate.set()
    assert (await first).status_code == 204
    assert (await patched(web.client, other, 0, b"y" * (4 * MEGABYTE))).status_code == 204


async def test_a_piece_that_no_budget_holds_names_the_way(web: Server) -> None:
    path = await created(web.client, 20 * MEGABYTE)
    answer = await patched(web.client, path, 0, b"x" * (9 * MEGABYTE))
    assert refusal(answer) == (413, "file_too_large")
    assert "8 MB here; send chunks of 8 MB" in answer.json()["detail"]
