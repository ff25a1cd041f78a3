"""The contract of an engine: what turns page images into text.

An engine is made in its replica by its factory, loads once, and reads batches; one bad page never fails its batch.
Everything in it may block: the OCRActor calls it in a thread of its own, one batch at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cluster.errors import PageError
from cluster.page_text import PageText

Pixels = NDArray[np.uint8]
"""uint8 array (height, width, 3), RGB."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page as an engine gets it. job_id and page are for logs and scripted faults alone."""

    job_id: str
    page: int
    pixels: Pixels

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


class Engine(Protocol):
    name: str
    version: str
    limits: BatchLimits

    def load(self) -> None:
        """Loads weights and warms up. StartupError says what is missing."""

    def recognize(self, batch: list[PageImage]) -> list[PageText | PageError]:
        """One answer for each page, in order. Coordinates are pixels of the page image. Raises for no page's fault."""
