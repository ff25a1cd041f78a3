"""The engine ppocr-torch on its own: built, checked against ONNX Runtime, and timed on pages that are in memory."""

from __future__ import annotations

import importlib.util
import itertools
import multiprocessing
import os
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
from PIL import Image

from actors.ocr.engine import BatchLimits, PageImage, Pixels
from benchmarks.table import told
from benchmarks.text_agreement import ReadBox, differing_characters
from cluster.page_text import PageText

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
NAMES = ("letter", "columns", "form")  # 24 to 58 lines, at 200 dpi
BATCH = 64
LOADING_S = 240


def sample_pages(rows: int | None = None) -> list[Pixels]:
    """The project's own samples, decoded. rows: of pixels from the top, None for all."""
    pages = []
    for name in NAMES:
        with Image.open(SAMPLES / f"{name}.png") as image:
            pages.append(np.asarray(image.convert("RGB"))[:rows])
    return pages


def measure(
    device: str, samples: Sequence[Pixels], pages: int, *, batch: int = BATCH, threads: int | None = None
) -> list[list[str]]:
    """Rows of what was measured and its value. device: ``cuda`` or ``cpu``. pages: to read in batches, of the samples.

    threads: None for all cores that this process may use.
    """
    import torch

    from actors.ocr.ppocr_torch_engine import PpocrTorchEngine

    threads = threads or len(os.sched_getaffinity(0))
    on_gpu = device == "cuda"
    with tempfile.TemporaryDirectory() as cache:
        limits = BatchLimits(pages=batch, pixels=10**9, wait_ms=0)
        engine = PpocrTorchEngine(threads=threads, limits=limits, cache=Path(cache), device=device)
        begun = time.perf_counter()
        engine.load()
        load_s = time.perf_counter() - begun
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    texts = [_text(answer) for answer in engine.recognize(_numbered(samples))]
    batches = _batches(samples, pages, batch)
    engine.recognize(batches[0])  # the first full batch meets shapes that are new
    begun, used = time.perf_counter(), time.process_time()
    for each in batches:
        engine.recognize(each)
    wall, processor = time.perf_counter() - begun, time.process_time() - used
    begun = time.perf_counter()
    for page in _numbered(samples):
        engine.recognize([page])
    alone = time.perf_counter() - begun
    memory = f"{torch.cuda.max_memory_allocated() / 1e6:.0f} MB" if on_gpu else ""
    return told(
        ["version", engine.version],
        ["to convert, load and warm up", f"{load_s:.1f} s"],
        ["characters as with ONNX Runtime", _agreement(samples, texts, threads)],
        [f"{pages} pages of {_size(samples[0])}, {batch} a batch", f"{pages / wall:.2f} pages/s"],
        [f"processor time of it, {threads} threads", f"{1000 * processor / pages:.0f} ms a page"],
        ["one page at a time", f"{len(samples) / alone:.2f} pages/s"],
        ["peak GPU memory", memory],
    )


def beside_one_another(device: str, pages: int, processes: Sequence[int], *, batch: int = BATCH) -> list[list[str]]:
    """Rows as ``measure`` gives them, for so many engines on one GPU, each in a process of its own with its share of
    the cores. pages: that each of the engines reads."""
    rows: list[list[str]] = []
    cores = len(os.sched_getaffinity(0))
    spawning = multiprocessing.get_context("spawn")
    for count in processes:
        barrier = spawning.Barrier(count + 1)
        work = (device, pages, batch, max(1, cores // count), barrier)
        engines = [spawning.Process(target=_read_when_all_are_ready, args=work, daemon=True) for _ in range(count)]
        for engine in engines:
            engine.start()
        barrier.wait(LOADING_S)
        begun = time.perf_counter()
        barrier.wait(LOADING_S)
        wall = time.perf_counter() - begun
        for engine in engines:
            engine.join(LOADING_S)
        rows += told([f"{count} processes on the GPU, {pages} pages each", f"{count * pages / wall:.2f} pages/s"])
    return rows


def _read_when_all_are_ready(device: str, pages: int, batch: int, threads: int, barrier: Barrier) -> None:
    from actors.ocr.ppocr_torch_engine import PpocrTorchEngine

    samples = sample_pages()
    with tempfile.TemporaryDirectory() as cache:
        limits = BatchLimits(pages=batch, pixels=10**9, wait_ms=0)
        engine = PpocrTorchEngine(threads=threads, limits=limits, cache=Path(cache), device=device)
        engine.load()
    batches = _batches(samples, pages, batch)
    engine.recognize(batches[0])
    barrier.wait(LOADING_S)
    for each in batches:
        engine.recognize(each)
    barrier.wait(LOADING_S)


def _size(page: Pixels) -> str:
    return f"{page.shape[1]} x {page.shape[0]}"


def _numbered(pages: Sequence[Pixels]) -> list[PageImage]:
    return [PageImage("benchmark", number, page) for number, page in enumerate(pages, start=1)]


def _batches(samples: Sequence[Pixels], pages: int, batch: int) -> list[list[PageImage]]:
    numbered = _numbered(list(itertools.islice(itertools.cycle(samples), pages)))
    return [numbered[start : start + batch] for start in range(0, pages, batch)]


def _text(answer: object) -> list[ReadBox]:
    if not isinstance(answer, PageText):
        raise RuntimeError(f"A page could not be read: {answer!r}")
    return [(line.text, line.bbox) for line in answer.lines]


def _agreement(samples: Sequence[Pixels], texts: Sequence[list[ReadBox]], threads: int) -> str:
    """Of the characters that the ONNX models read in float32 through the same pipeline, in per cent."""
    if importlib.util.find_spec("onnxruntime") is None:
        return "not checked: onnxruntime is not installed"
    from actors.ocr.ppocr_onnxruntime import OnnxRuntimeNetworks
    from actors.ocr.ppocr_reader import PageReader
    from actors.ocr.ppocr_weights import wheel_weights

    reader = PageReader(OnnxRuntimeNetworks(threads).open(wheel_weights()))
    wanted = [[(line.text, line.bbox) for line in reader.read([page])[0].lines] for page in samples]
    characters = sum(len(text) for page in wanted for text, _ in page)
    differing = sum(differing_characters(truth, read) for truth, read in zip(wanted, texts, strict=True))
    return f"{100 * (1 - differing / characters):.2f} % of {characters}"
