"""Reads the images of lines: PP-OCR's recogniser.

What a line costs is its width, and most of a line's pixels are enlarged ones, since pages are rendered at less than the
network's 48 pixels a line. So a line is first read squeezed to NARROW of its width; where the network is then not SURE
of it, it is read again as it was trained to, and the surer reading counts. Lines of all pages of a batch are sorted by
width, and those of one width are read together as far as the network gains by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from actors.ocr.engine import Pixels
from actors.ocr.ordered_pool import Mapped
from actors.ocr.ppocr_line import LineImage, line_images
from actors.ocr.ppocr_network import Images, RecognizerNetwork

HEIGHT = 48
NARROW = 0.7
SURE = 0.95
LEAST_NARROW = 128
LEAST_WIDTH = 320  # what the network was trained with
MOST_WIDTH = 6400  # a wider line is squeezed, so that memory stays bounded
WIDTH_STEP = 16  # widths are rounded up to it, so that few different shapes are prepared
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

    def skim(self, lines: Sequence[LineImage]) -> list[ReadLine]:
        """What stands on each line, in their order, read squeezed."""
        return self._read([line.pixels for line in lines], NARROW)

    def read_unsure(self, lines: Sequence[LineImage], skimmed: Sequence[ReadLine]) -> list[ReadLine]:
        """The same with those lines read again at their full width that were not sure; the surer reading counts."""
        read = list(skimmed)
        unsure = [index for index, line in enumerate(read) if line.confidence < SURE]
        again = self._read([lines[index].pixels for index in unsure], 1)
        for index, line in zip(unsure, again, strict=True):
            read[index] = max(line, read[index], key=lambda line: line.confidence)
        return read

    def _read(self, lines: Sequence[Pixels], squeeze: float) -> list[ReadLine]:
        least = LEAST_NARROW if squeeze < 1 else LEAST_WIDTH
        own = [own_width(line, squeeze) for line in lines]
        widths = [max(least, ceil(width / WIDTH_STEP) * WIDTH_STEP) for width in own]
        batches = buckets(widths, self._network.batch_width, self._network.most_lines)

        def images(batch: list[int]) -> Images:
            pixels = [lines[index] for index in batch]
            return line_images(pixels, [own[index] for index in batch], widths[batch[0]], HEIGHT)

        read = [ReadLine("", 0.0)] * len(lines)
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


def own_width(line: Pixels, squeeze: float) -> int:
    """How wide a line is at the network's height, in pixels. squeeze: the factor on it."""
    height, width = line.shape[:2]
    return min(MOST_WIDTH, max(1, ceil(HEIGHT * width / height * squeeze)))


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
