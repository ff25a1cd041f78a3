"""Reads the images of lines: PP-OCR's recogniser.

Lines of all pages of a batch are sorted by width, and those of one are read together as far as the network gains by it.
Widths are rounded up to WIDTH_STEP, so that few different shapes are prepared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from actors.ocr.ordered_pool import Mapped
from actors.ocr.ppocr_line import LineImage, line_images
from actors.ocr.ppocr_network import Images, RecognizerNetwork

HEIGHT = 48
LEAST_WIDTH = 320  # what the network was trained with
MOST_WIDTH = 6400  # a wider line is squeezed, so that memory stays bounded
WIDTH_STEP = 32
BLANK = 0


@dataclass(frozen=True, slots=True)
class ReadLine:
    """confidence: mean over the characters, 0 to 1; 0 where there are none."""

    text: str
    confidence: float


class Recognizer:
    """mapped: how its images are made."""

    def __init__(self, network: RecognizerNetwork, mapped: Mapped = map) -> None:
        self._network = network
        self._mapped = mapped
        self._characters = np.array(network.characters, object)

    def read(self, lines: Sequence[LineImage]) -> list[ReadLine]:
        """What stands on each line, in their order."""
        widths = [network_width(line.ratio) for line in lines]
        batches = buckets(widths, self._network.batch_width, self._network.most_lines)
        read: list[ReadLine] = [ReadLine("", 0.0)] * len(lines)

        def images(batch: list[int]) -> Images:
            return line_images([lines[index].pixels for index in batch], widths[batch[0]], HEIGHT)

        for batch, steps in zip(batches, self._network.read(self._mapped(images, batches)), strict=True):
            for index, indices, probabilities in zip(batch, steps.indices, steps.probabilities, strict=True):
                read[index] = self._decoded(indices, probabilities)
        return read

    def _decoded(self, indices: NDArray[np.int32], probabilities: NDArray[np.float32]) -> ReadLine:
        """CTC: a character stands where it is the likeliest and was not so in the step before."""
        starts = indices != BLANK
        starts[1:] &= indices[1:] != indices[:-1]
        if not starts.any():
            return ReadLine("", 0.0)
        return ReadLine("".join(self._characters[indices[starts]]), float(probabilities[starts].mean()))


def network_width(ratio: float) -> int:
    """The width at which a line of this width to height is read, in pixels."""
    width = ceil(HEIGHT * ratio / WIDTH_STEP) * WIDTH_STEP
    return min(max(width, LEAST_WIDTH), MOST_WIDTH)


def buckets(widths: Sequence[int], batch_width: int, most_lines: int) -> list[list[int]]:
    """Indices of lines to be read together, the widest first.

    The lines of a batch have one width, and the sum of their widths is at most ``batch_width``. Lines of several widths
    padded to one would be read a little differently in other company, as the network looks at the whole of a line.
    """
    batches: list[list[int]] = []
    room = 0
    for index in sorted(range(len(widths)), key=lambda index: -widths[index]):
        if room == 0 or widths[index] != widths[batches[-1][0]]:
            batches.append([])
            room = min(max(1, batch_width // widths[index]), most_lines)
        batches[-1].append(index)
        room -= 1
    return batches
