"""An OCRActor with an engine that reads a page's colour."""

from __future__ import annotations

import io
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from PIL import Image

from actors.ocr.engine import BatchLimits, Capabilities, Engine, PageImage, Pixels
from actors.ocr.ocr_actor import OCRActor
from actors.ocr.protocol import RecognizeRequest
from cluster.blobs.memory import MemoryBlobStore
from cluster.errors import PageError
from cluster.page_text import PageText

LIMITS = BatchLimits(pages=4, pixels=1_000_000, wait_ms=0)


class ColourEngine:
    """Reads the red value of a page's first pixel; ``does`` may raise first."""

    name = "colour"
    version = "1"
    limits = LIMITS
    capabilities = Capabilities()

    def __init__(self, does: Callable[[list[PageImage]], None] = lambda batch: None) -> None:
        self.batches: list[list[int]] = []
        self.loaded_in = ""
        self._does = does

    def load(self) -> None:
        self.loaded_in = threading.current_thread().name

    def recognize(self, batch: list[PageImage]) -> list[PageText | PageError]:
        self.batches.append([page.page for page in batch])
        self._does(batch)
        return [PageText(str(page.pixels[0, 0, 0])) for page in batch]


def held_by(gate: threading.Event) -> Callable[[list[PageImage]], None]:
    def does(batch: list[PageImage]) -> None:
        gate.wait(10)

    return does


def pixels_of(red: int) -> Pixels:
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[..., 0] = red
    return pixels


def png(red: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels_of(red)).save(buffer, "PNG")
    return buffer.getvalue()


def request(page: int, pixels: Any = None, *, alone: bool = False) -> RecognizeRequest:
    return RecognizeRequest("job", page, f"jobs/page_{page}.png", 6, 4, pixels, alone)


async def as_it_is(reference: Any) -> Any:
    return reference


@asynccontextmanager
async def actor_of(engine: Engine, store: MemoryBlobStore | None = None, **options: Any) -> AsyncIterator[OCRActor]:
    actor = OCRActor(engine, store or MemoryBlobStore(), options.pop("fetch", as_it_is), **options)
    await actor.start()
    yield actor
    await actor.close()


def texts(answers: list[PageText | PageError]) -> list[str]:
    return [answer.text if isinstance(answer, PageText) else type(answer).__name__ for answer in answers]
