"""What PP-OCR's three networks are to the rest of the engine, wherever they run.

Images go in as they are, bytes in OpenCV's order of colours; a network normalises them itself, where that is cheap.
All three take an iterator of batches and give one of answers, in order: so a network may draw ahead, and keep several
batches under way. The arrays of a batch must stay as they are until its answer is out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
"""uint8 array (n, height, width, 3), BGR. The networks were trained on pixels of -1 to 1: ``value / 127.5 - 1``."""

PADDING = 127
"""What stands to the right of a line that is narrower than its batch: next to the zero of the training."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What the recogniser says of a batch of lines, one step for every 8 pixels of width.

    indices: int32 array (n, steps), the likeliest character of each step. probabilities: float32 array (n, steps), of
    that character, 0 to 1.
    """

    indices: NDArray[np.int32]
    probabilities: NDArray[np.float32]


class DetectorNetwork(Protocol):
    def maps(self, pages: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        """For each batch of pages how likely each pixel belongs to a line: float32 array (n, height, width), 0 to 1.

        Sides are multiples of 32.
        """


class OrientationNetwork(Protocol):
    def flipped(self, lines: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        """For each batch of lines (48 high, 192 wide) how sure it is that each stands on its head: float32 (n,)."""


class RecognizerNetwork(Protocol):
    """characters: by index; the first is the blank of CTC. batch_width: lines are read together while the sum of their
    widths is at most that; a wider one goes alone. most_lines: of one batch, however narrow.
    """

    characters: tuple[str, ...]
    batch_width: int
    most_lines: int

    def read(self, lines: Iterable[Images]) -> Iterator[Steps]:
        """What each batch of lines (48 high, padded to one width) says."""


@dataclass(frozen=True, slots=True)
class Networks:
    """version: of weights and runtime, as in ``PP-OCRv6-small/openvino-2026.4.1-f32``."""

    version: str
    detector: DetectorNetwork
    orientation: OrientationNetwork
    recognizer: RecognizerNetwork


def with_blank_and_space(stored: str) -> tuple[str, ...]:
    """The characters by index, from the text that lies in the recogniser's file, a line each."""
    return ("", *stored.splitlines(), " ")


def normalized(images: Images) -> NDArray[np.float32]:
    """float32 array (n, 3, height, width), -1 to 1: for runtimes that can't do it in the network."""
    planes = np.ascontiguousarray(images.transpose(0, 3, 1, 2)).astype(np.float32)
    planes *= np.float32(1 / 127.5)
    planes -= np.float32(1)
    return planes
