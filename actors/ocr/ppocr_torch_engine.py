"""The engine ``ppocr-torch``: the networks of ``rapidocr`` in torch, for a GPU; the same text.

A batch is cut into parts of pages of like size, and two parts are read at once: while one of them is at work around the
networks (scaling, boxes, cutting, which are done by a pool of threads), the other has the GPU. Within a part the lines
of all pages are read together. On a processor there is one part at a time and no pool: its cores are busy anyway.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import cv2
import torch

from actors.ocr.cache_folder import default_cache_folder
from actors.ocr.engine import BatchLimits, Capabilities, PageImage
from actors.ocr.ordered_pool import OrderedPool
from actors.ocr.ppocr_detector import network_size
from actors.ocr.ppocr_languages import LANGUAGES
from actors.ocr.ppocr_reader import PageReader
from actors.ocr.ppocr_torch import TorchNetworks
from actors.ocr.ppocr_weights import wheel_weights
from actors.ocr.rapidocr_engine import MOST_DETAIL, page_text
from cluster.errors import EngineFailed, EngineOutOfMemory, PageError, StartupError
from cluster.page_text import PageText

PARTS_AT_ONCE = 2
POOL_THREADS = 4
"""Around the networks: more of them would wait for Python's lock, and for each other."""

LEAST_PART = 8
"""Pages: smaller parts would leave the GPU's batches of lines small."""


class PpocrTorchEngine:
    """threads: processor cores of the replica. cache: the folder of converted networks, None for the user's.

    device, precision: as TorchNetworks takes them. parts_at_once: None for PARTS_AT_ONCE on a GPU, 1 elsewhere.
    """

    name = "ppocr-torch"
    capabilities = Capabilities(languages=LANGUAGES)

    def __init__(
        self,
        *,
        threads: int,
        limits: BatchLimits,
        cache: Path | None = None,
        device: str | None = None,
        precision: str | None = None,
        parts_at_once: int | None = None,
    ) -> None:
        if threads < 1:
            raise StartupError(f"The engine ppocr-torch needs at least 1 thread, not {threads}.")
        self.version = version("rapidocr")
        self.limits = limits
        self._threads = threads
        self._cache = cache or default_cache_folder()
        self._device, self._precision = device, precision
        self._parts_at_once = parts_at_once
        self._lane_count = 1
        self._reader: PageReader | None = None
        self._lanes: ThreadPoolExecutor | None = None

    def load(self) -> None:
        runtime = TorchNetworks(self._threads, self._cache, self._device, self._precision)
        networks = runtime.open(wheel_weights())
        self.version = f"{version('rapidocr')}/{networks.version}"
        on_gpu = runtime.device == "cuda"
        self._lane_count = self._parts_at_once or (PARTS_AT_ONCE if on_gpu else 1)
        if self._lane_count > 1:
            cv2.setNumThreads(1)  # the pool has threads enough
            self._reader = PageReader(networks, OrderedPool(min(self._threads, POOL_THREADS), "ppocr").map)
            self._lanes = ThreadPoolExecutor(
                self._lane_count, "ppocr-lane", initializer=_own_stream if on_gpu else None
            )
        else:
            cv2.setNumThreads(self._threads)
            self._reader = PageReader(networks)
            self.limits = replace(self.limits, pages=1, wait_ms=0)  # a processor gains nothing from company
        runtime.warm_up(networks)
        self._reader.warm_up()

    def recognize(self, batch: list[PageImage]) -> list[PageText | PageError]:
        if not batch:
            return []
        start = time.perf_counter()
        parts = parted([network_size(page.pixels.shape[1], page.pixels.shape[0]) for page in batch], self._lane_count)
        answers: dict[int, PageText | PageError] = {}
        try:
            for part, read in zip(parts, self._read_parts([[batch[n] for n in part] for part in parts]), strict=True):
                answers.update(zip(part, read, strict=True))
        except Exception as error:
            if not _is_out_of_memory(error):
                raise
            if torch.cuda.is_available():
                torch.cuda.empty_cache()  # smaller batches need pieces of other sizes
            raise EngineOutOfMemory(f"The engine ran out of memory on a batch of {len(batch)} pages.") from error
        each_ms = round((time.perf_counter() - start) * 1000 / len(batch))
        return [_timed(answers[number], each_ms) for number in range(len(batch))]

    def _read_parts(self, parts: list[list[PageImage]]) -> list[list[PageText | PageError]]:
        """Raises what the first part raised that failed, when no part is being read any more."""
        if self._lanes is None:
            return [self._read(part) for part in parts]
        futures = [self._lanes.submit(self._read, part) for part in parts]
        _, pending = wait(futures, return_when=FIRST_EXCEPTION)
        for future in pending:
            future.cancel()
        wait(futures)  # what still runs holds memory that the next batch will need
        failed = next((error for future in futures if not future.cancelled() and (error := future.exception())), None)
        if failed is not None:
            raise failed
        return [future.result() for future in futures]

    def _read(self, pages: Sequence[PageImage]) -> list[PageText | PageError]:
        """Where pages can't be read together they are read in halves, so that the guilty alone fail."""
        if self._reader is None:
            raise RuntimeError("the engine is not loaded")
        try:
            read = self._reader.read([page.pixels for page in pages], [page.languages for page in pages])
            return [page_text(page, self.name, self.version, 0) for page in read]
        except Exception as error:
            if _is_out_of_memory(error):
                raise
            if len(pages) == 1:
                detail = f"The engine could not read the page: {type(error).__name__} {error}"
                return [EngineFailed(detail[:MOST_DETAIL])]
        middle = len(pages) // 2
        return [*self._read(pages[:middle]), *self._read(pages[middle:])]


def parted(sizes: Sequence[tuple[int, int]], at_once: int) -> list[list[int]]:
    """Indices of pages in parts to be read together: pages of one size beside one another, parts nearly equal.

    sizes: width and height as the detector will see each page. at_once: parts that are read at the same time; of so few
    pages that a part would have less than LEAST_PART there are fewer.
    """
    order = sorted(range(len(sizes)), key=lambda number: sizes[number])
    count = max(1, min(at_once, len(order) // LEAST_PART))
    bounds = [len(order) * part // count for part in range(count + 1)]
    return [order[first:last] for first, last in pairwise(bounds)]


def _timed(answer: PageText | PageError, duration_ms: int) -> PageText | PageError:
    return replace(answer, duration_ms=duration_ms) if isinstance(answer, PageText) else answer


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, cv2.error) and error.code == cv2.Error.StsNoMem


def _own_stream() -> None:
    """This thread's work on the GPU does not queue behind another's."""
    torch.cuda.set_stream(torch.cuda.Stream())
