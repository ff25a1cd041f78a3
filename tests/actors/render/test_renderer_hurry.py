"""A Renderer in the place of one that died."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from actors.job.ports import ReplicaLost
from actors.render.layout_lanes import SERVE_LAYOUT
from actors.render.process import SERVE
from actors.render.protocol import OpenedDocument
from cluster.blobs.memory import MemoryBlobStore
from tests.actors.render import documents
from tests.actors.render.conftest import MakeRenderer


def dead_renderer(scratch: Path) -> None:
    folder = scratch / "gnosis-render-dead"
    folder.mkdir()
    (folder / ".lock").touch()


def children(target: str) -> list[int]:
    return [process.pid for process in psutil.Process().children() if target in process.cmdline()]


async def test_it_starts_its_processes_at_once(
    store: MemoryBlobStore, make_renderer: MakeRenderer, tmp_path: Path
) -> None:
    await store.put("raw.pdf", documents.pdf(1))
    dead_renderer(tmp_path)
    renderer = make_renderer()
    assert renderer.child_pid is None
    renderer.hurry()
    async with asyncio.timeout(60):
        while not (children(SERVE) and children(SERVE_LAYOUT)):
            await asyncio.sleep(0.01)
    (begun,) = children(SERVE)
    assert await renderer.open(documents.document("raw.pdf")) == OpenedDocument(1)
    assert renderer.child_pid == begun


async def test_one_that_follows_nobody_starts_none(
    store: MemoryBlobStore, make_renderer: MakeRenderer, tmp_path: Path
) -> None:
    renderer = make_renderer()
    renderer.hurry()
    await asyncio.to_thread(lambda: None)
    assert (renderer.child_pid, children(SERVE), children(SERVE_LAYOUT)) == (None, [], [])


async def test_processes_that_can_not_start_are_told_of_by_the_first_order_alone(
    store: MemoryBlobStore, make_renderer: MakeRenderer, tmp_path: Path
) -> None:
    await store.put("raw.pdf", documents.pdf(1))
    dead_renderer(tmp_path)
    nowhere = "actors.render.child:no_such_function"
    renderer = make_renderer(child=nowhere, layout_child=nowhere)
    renderer.hurry()
    with pytest.raises(ReplicaLost, match="can't be started"):
        await renderer.open(documents.document("raw.pdf"))
    await renderer.check_health()
