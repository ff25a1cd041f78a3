"""The engine ``rapidocr``: PP-OCRv6 from the RapidOCR wheel, on the processor.

RapidOCR's own top-level class is not used: it scales a page twice and forgets one of the two scales, refuses long
strips, reads from the scaled-down page, and downloads what it misses.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import cv2

from actors.ocr.believed_text import ReadPage
from actors.ocr.engine import BatchLimits, Capabilities, PageImage
from actors.ocr.ppocr_kept_choice import KeptChoice
from actors.ocr.ppocr_languages import LANGUAGES
from actors.ocr.ppocr_reader import PageReader
from actors.ocr.ppocr_runtime import opened_networks
from actors.ocr.ppocr_weights import wheel_weights
from actors.ocr.reading_order import pose_of_lines
from cluster.errors import EngineFailed, EngineOutOfMemory, PageError, StartupError
from cluster.page_text import Line, PageText

MOST_DETAIL = 500


class RapidOcrEngine:
    """threads: how many processor cores the replica was given. runtime: which one to use, None for the faster. cache:
    the folder in which it is kept which one that is; without it, each load measures."""

    name = "rapidocr"
    capabilities = Capabilities(languages=LANGUAGES)

    def __init__(
        self, *, threads: int, limits: BatchLimits, runtime: str | None = None, cache: Path | None = None
    ) -> None:
        if threads < 1:
            raise StartupError(f"The engine rapidocr needs at least 1 thread, not {threads}.")
        self.version = version("rapidocr")
        self.limits = limits
        self._threads = threads
        self._runtime = runtime
        self._cache = cache
        self._reader: PageReader | None = None

    def load(self) -> None:
        weights = wheel_weights()
        cv2.setNumThreads(self._threads)
        kept = None if self._cache is None else KeptChoice(self._cache, self._threads, weights.recognizer)
        proved = kept is not None and kept.read() is not None
        networks = opened_networks(self._threads, weights, self._runtime, kept)
        self.version = f"{version('rapidocr')}/{networks.version}"
        self._reader = PageReader(networks)
        if not proved:  # else they have run here, and pages may be waiting: the first one warms them up as well
            self._reader.warm_up()

    def recognize(self, batch: list[PageImage]) -> list[PageText | PageError]:
        if not batch:
            return []
        try:
            return list(self._read(batch))
        except Exception as error:
            if len(batch) == 1:
                return [_blamed(error, batch[0])]
        return [answer for page in batch for answer in self.recognize([page])]  # the guilty alone fail

    def _read(self, batch: list[PageImage]) -> list[PageText]:
        if self._reader is None:
            raise RuntimeError("the engine is not loaded")
        start = time.perf_counter()
        pages = self._reader.read([page.pixels for page in batch], [page.languages for page in batch])
        each_ms = round((time.perf_counter() - start) * 1000 / len(batch))
        return [page_text(page, self.name, self.version, each_ms) for page in pages]


def page_text(read: ReadPage, engine: str, version: str, duration_ms: int) -> PageText:
    """read: its lines in reading order."""
    lines = read.lines
    pose = pose_of_lines(lines)
    return PageText(
        text="\n".join(line.text for line in lines),
        lines=tuple(lines),
        engine=engine,
        engine_version=version,
        rotation=pose.turn,
        confidence=_mean_confidence(lines),
        duration_ms=duration_ms,
        reason=read.reason,
        skew=pose.skew,
    )


def _blamed(error: Exception, page: PageImage) -> PageError:
    if isinstance(error, MemoryError) or (isinstance(error, cv2.error) and error.code == cv2.Error.StsNoMem):
        return EngineOutOfMemory(f"The engine ran out of memory on a page of shape {page.pixels.shape}.")
    return EngineFailed(f"The engine could not read the page: {type(error).__name__} {error}"[:MOST_DETAIL])


def _mean_confidence(lines: Sequence[Line]) -> float | None:
    """Over characters; None for a page without any."""
    characters = sum(len(line.text) for line in lines)
    return round(sum(line.confidence * len(line.text) for line in lines) / characters, 4) if characters else None
