"""What a Renderer that takes a dead one's place has to import first, and how it answers several items at once."""

from __future__ import annotations

import asyncio

import pytest

from cluster.errors import BlobUnavailable, GnosisError
from serve_app.ray_render_replica import each_answered
from tests.serve_app.needless import NEEDLESS, imported


def test_it_imports_nothing_of_the_other_parts() -> None:
    assert imported("serve_app.ray_render_replica", (*NEEDLESS, "actors.ocr.ocr_actor")) == []


async def test_each_item_gets_an_answer_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    async def work(item: str) -> str:
        await asyncio.sleep(0)
        match item:
            case "known":
                raise BlobUnavailable("away")
            case "unknown":
                raise ValueError("/opt/weights is empty")
        return item.upper()

    first, known, unknown, last = await each_answered(work, ["a", "known", "unknown", "b"])
    assert (first, last) == ("A", "B")
    assert isinstance(known, BlobUnavailable)
    assert isinstance(unknown, GnosisError)
    assert unknown.detail == "The replica failed (ValueError)."
    assert "/opt/weights" in caplog.text


async def test_who_is_cancelled_cancels_every_item() -> None:
    cancelled: list[int] = []

    async def work(item: int) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(item)
            raise

    call = asyncio.create_task(each_answered(work, [1, 2]))
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert cancelled == [1, 2]
