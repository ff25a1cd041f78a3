"""Reads the images of lines: PP-OCR's recogniser.

What a line costs is its width, and of a page in good print even lines squeezed to NARROW of theirs are read as well:
so they are, and those of which the network is then not SURE once more as it was trained to. A poor page would lose by
that twice, in time and in misread letters; it is told by a few of its lines, and read at full width. Lines of all pages
are sorted by width, and those of one width are read together as far as the network gains by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from actors.ocr.engine import Pixels
from actors.ocr.ordered_pool import Mapped
from actors.ocr.ppocr_line import LineImage, line_images
from actors.ocr.ppocr_network import Images, RecognizerNetwork

HEIGHT = 48
NARROW = 0.7
SURE = 0.98  # of a squeezed line that is not read again
POOR = 0.97  # below it a squeezed line speaks for a poor page
SAMPLE = 8  # lines of a page that are squeezed first
MOST_UNSURE = 0.25  # of them, in a page that is read squeezed
LEAST_NARROW = 128
LEAST_WIDTH = 320  # what the network was trained with
MOST_WIDTH = 6400  # a wider line is squeezed, so that memory stays bounded
WIDTH_STEP = 16  # widths are rounded up to it, so that few different shapes are prepared
BLANK = 0


@dataclass(frozen=True, slots=True)
class ReadLine:
    """confidence: mean over the characters, 0 to 1; 0 where there are none. narrow: it was read squeezed."""

    text: str
    confidence: float
    narrow: bool = False


class Recognizer:
    """mapped: how its images are made."""

    def __init__(self, network: RecognizerNetwork, mapped: Mapped = map) -> None:
        self._network = network
        self._mapped = mapped
        self._characters = np.array(network.characters, object)

    def skim(self, lines: Sequence[LineImage], pages: Sequence[int | None]) -> list[ReadLine]:
        """What stands on each line, in their order. pages: of each line, None for one that must not be squeezed."""
        sample = _sample(pages)
        sampled = self._read([lines[index] for index in sample], [True] * len(sample))
        unsure = Counter(pages[index] for index, line in zip(sample, sampled, strict=True) if line.confidence < POOR)
        sizes = Counter(pages[index] for index in sample)
        poor = {None, *(page for page, size in sizes.items() if unsure[page] > MOST_UNSURE * size)}
        read = {index: line for index, line in zip(sample, sampled, strict=True) if pages[index] not in poor}
        rest = [index for index in range(len(lines)) if index not in read]
        narrow = [pages[index] not in poor for index in rest]
        read |= zip(rest, self._read([lines[index] for index in rest], narrow), strict=True)
        return [read[index] for index in range(len(lines))]

    def read_unsure(self, lines: Sequence[LineImage], skimmed: Sequence[ReadLine]) -> list[ReadLine]:
        """The same with those read again at full width that were squeezed and not sure; the surer reading counts."""
        read = list(skimmed)
        unsure = [index for index, line in enumerate(read) if line.narrow and line.confidence < SURE]
        again = self._read([lines[index] for index in unsure], [False] * len(unsure))
        for index, line in zip(unsure, again, strict=True):
            read[index] = max(line, read[index], key=lambda line: line.confidence)
        return read

    def _read(self, lines: Sequence[LineImage], narrow: Sequence[bool]) -> list[ReadLine]:
        own = [own_width(line.pixels, NARROW if squeeze else 1) for line, squeeze in zip(lines, narrow, strict=True)]
        widths = [
            max(LEAST_NARROW if squeeze else LEAST_WIDTH, ceil(width / WIDTH_STEP) * WIDTH_STEP)
            for width, squeeze in zip(own, narrow, strict=True)
        ]
        batches = buckets(widths, self._network.batch_width, self._network.most_lines)

        def images(batch: list[int]) -> Images:
            return line_images([lines[i].pixels for i in batch], [own[i] for i in batch], widths[batch[0]], HEIGHT)

        read = [ReadLine("", 0.0)] * len(lines)
        for batch, steps in zip(batches, self._network.read(self._mapped(images, batches)), strict=True):
            for index, indices, probabilities in zip(batch, steps.indices, steps.probabilities, strict=True):
                read[index] = replace(self._decoded(indices, probabilities), narrow=narrow[index])
        return read

    def _decoded(self, indices: NDArray[np.int32], probabilities: NDArray[np.float32]) -> ReadLine:
        """CTC: a character stands where it is the likeliest and was not so in the step before."""
        starts = indices != BLANK
        starts[1:] &= indices[1:] != indices[:-1]
        if not starts.any():
            return ReadLine("", 0.0)
        return ReadLine("".join(self._characters[indices[starts]]), float(probabilities[starts].mean()))


def _sample(pages: Sequence[int | None]) -> list[int]:
    """Indices of some lines of each page, evenly spread."""
    of_page: dict[int, list[int]] = {}
    for index, page in enumerate(pages):
        if page is not None:
            of_page.setdefault(page, []).append(index)
    return [indices[i] for indices in of_page.values() for i in range(0, len(indices), ceil(len(indices) / SAMPLE))]


def own_width(line: Pixels, squeeze: float) -> int:
    """How wide a line is at the network's height, in pixels. squeeze: the factor on it."""
    height, width = int(line.shape[0]), int(line.shape[1])
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
