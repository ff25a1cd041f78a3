"""Reads the image of a line: PP-OCR's recogniser, with RapidOCR's decoding.

On a processor the network is as fast a pixel with one line as with six, and six padded to the widest of them are more
pixels; so lines go one by one, at widths rounded up to WIDTH_STEP so that few different shapes are prepared.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from rapidocr.ch_ppocr_rec.utils import CTCLabelDecode

from actors.ocr.ppocr_line import LineImage, line_tensor
from actors.ocr.ppocr_runtime import Session

HEIGHT = 48
LEAST_WIDTH = 320  # what the network was trained with
MOST_WIDTH = 6400  # a wider line is squeezed, so that memory stays bounded
WIDTH_STEP = 32


@dataclass(frozen=True, slots=True)
class ReadLine:
    """confidence: mean over the characters, 0 to 1; 0 where there are none."""

    text: str
    confidence: float


class Recognizer:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._labels: Any = CTCLabelDecode(session.get_character_list())

    def read(self, line: LineImage) -> ReadLine:
        width = ceil(HEIGHT * line.ratio / WIDTH_STEP) * WIDTH_STEP
        width = min(max(width, LEAST_WIDTH), MOST_WIDTH)
        scores = self._session(line_tensor(line.pixels, width, HEIGHT))
        ((text, confidence),), _ = self._labels(scores)
        return ReadLine(text, float(confidence))
