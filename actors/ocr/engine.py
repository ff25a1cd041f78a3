"""The contract of an engine: what turns page images into text.

An engine is made in its replica by its factory, loads once, and reads batches; one bad page never fails its batch.
Everything in it may block: the OCRActor calls it in a thread of its own, one call at a time.

Most engines read a batch and answer it as a whole. One whose pages take very different times, or which only waits for
a server, is an InFlightEngine: pages enter and leave while others are being read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from cluster.errors import PageError
from cluster.page_text import PageText

Pixels = NDArray[np.uint8]
"""uint8 array (height, width, 3), RGB."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page as an engine gets it. job_id and page are for logs and scripted faults alone.

    languages: what it is written in, as its user says (actors/ocr/protocol.py).
    """

    job_id: str
    page: int
    pixels: Pixels
    languages: tuple[str, ...] = ()

    @property
    def cost(self) -> int:
        """Pixels: what a batch is budgeted in."""
        return int(self.pixels.shape[0]) * int(self.pixels.shape[1])


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """pages: most pages of one batch. pixels: most pixels of one batch (a single larger page goes alone).

    wait_ms: how long a batch that is not full may wait for more pages while the device is free.
    """

    pages: int
    pixels: int
    wait_ms: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """languages: ISO 639-1 codes of what it was trained to read, none where that is not known.

    layout: its Markdown is in reading order, with headings and tables. boxes: its lines have boxes.
    """

    languages: tuple[str, ...] = ()
    layout: bool = False
    boxes: bool = True


class Engine(Protocol):
    """name: as in GNOSIS_ENGINES. version: of the code, weights and runtime together; it goes into each page's record.

    version and limits may change in ``load``, not later.
    """

    name: str
    version: str
    limits: BatchLimits
    capabilities: Capabilities

    def load(self) -> None:
        """Loads weights and warms up. StartupError says what is missing."""

    def recognize(self, batch: list[PageImage]) -> list[PageText | PageError]:
        """One answer for each page, in order. Coordinates are pixels of the page image. Raises for no page's fault.

        EngineOutOfMemory is raised, and not returned, where the batch as a whole did not fit: the OCRActor reads it
        again in halves, and makes smaller batches from then on.
        """


class InFlightEngine(Engine, Protocol):
    """in_flight: most pages that are in it at once."""

    in_flight: int

    def enter(self, page: PageImage) -> None:
        """Takes a page in; the next ``step`` works on it. Never called with ``in_flight`` pages inside."""

    def step(self) -> list[tuple[PageImage, PageText | PageError]]:
        """Works on until some time has passed or some page is done; the pages that are, each the object that entered.

        Called only while pages are inside. Returns within a second or so, so that others can enter. Raises only where
        the engine is beyond repair: its replica is replaced then.
        """


def in_flight_engine(engine: Engine) -> InFlightEngine | None:
    """The engine, if pages enter and leave it one by one."""
    return cast(InFlightEngine, engine) if hasattr(engine, "step") else None
