"""Fixtures of the tests of rendering."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from actors.ocr.engine import Pixels
from actors.render.renderer import Renderer
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import SystemClock

MakeRenderer = Callable[..., Renderer]


@pytest.fixture
def store() -> MemoryBlobStore:
    return MemoryBlobStore()


async def itself(reference: Any) -> Pixels:
    """Fetches a reference that is the pixels themselves."""
    return reference  # type: ignore[no-any-return]


@pytest.fixture
async def make_renderer(store: MemoryBlobStore, tmp_path: Path) -> AsyncIterator[MakeRenderer]:
    """Makes Renderers over ``store`` whose references are the pixels themselves; closes them at the end."""
    made: list[Renderer] = []

    def make(**arguments: Any) -> Renderer:
        publish = arguments.pop("publish", lambda pixels: pixels)
        clock = arguments.pop("clock", SystemClock())
        made.append(Renderer(store, publish, itself, clock, scratch=tmp_path, **arguments))
        return made[-1]

    yield make
    for renderer in made:
        await renderer.close()
