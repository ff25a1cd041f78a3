"""PP-OCR's networks in torch, on a GPU in half precision or on the processor.

Neither cuDNN's search for the fastest algorithm nor CUDA graphs are used: both are paid anew for every shape, and pages
and lines come in hundreds of shapes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from actors.ocr.device_stream import DeviceStream
from actors.ocr.onnx_cache import converted
from actors.ocr.onnx_gpu import planned_for_gpu
from actors.ocr.onnx_graph import Graph
from actors.ocr.onnx_network import Network
from actors.ocr.onnx_onednn import fused_for_cpu
from actors.ocr.ordered_pool import OrderedPool
from actors.ocr.ppocr_network import Images, Networks, Steps, with_blank_and_space
from actors.ocr.ppocr_weights import Weights
from actors.ocr.process_memory import keep_freed_memory
from cluster.errors import StartupError

PRECISIONS = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}


@dataclass(frozen=True, slots=True)
class BatchSizes:
    """pages: pixels of pages read by the detector together. lines: pixels of lines classified together.

    width: the widths of lines read together, in all. most_lines: how many.
    """

    pages: int
    lines: int
    width: int
    most_lines: int


GPU_BATCHES = BatchSizes(pages=20_000_000, lines=256 * 48 * 192, width=65_536, most_lines=128)
"""About 2 GB at most. A full one of lines leaves 8,192 steps of 18,710 scores: 300 MB in half precision."""

WARM_UP_PAGES = ((1984, 1536), (1984, 1408), (1536, 1984))
"""Letter and A4, portrait, and letter in landscape, as the detector sees them at 200 dpi: height and width."""

WARM_UP_WIDTHS = (128, 256, 320, 512, 768, 1024, 1536)

CPU_BATCHES = BatchSizes(pages=1, lines=1, width=1, most_lines=1)
"""A processor gains nothing from company."""


class TorchNetworks:
    """Opens the networks on a device. device: ``cuda``, ``cpu`` or None for the GPU where there is one.

    precision: ``f32``, ``bf16``, ``f16`` or None for half precision on a GPU and processor_precision() elsewhere.
    cache: the folder of converted networks. StartupError: there is no such device or precision.
    """

    name = "torch"

    def __init__(self, threads: int, cache: Path, device: str | None = None, precision: str | None = None) -> None:
        present = torch.cuda.is_available()
        self.device = device or ("cuda" if present else "cpu")
        if self.device not in ("cuda", "cpu") or (self.device == "cuda" and not present):
            raise StartupError(f"Torch has no device {self.device!r} here.")
        self.precision = precision or ("f16" if self.device == "cuda" else processor_precision())
        if self.precision not in PRECISIONS:
            raise StartupError(f"The precision {self.precision!r} is none of {', '.join(PRECISIONS)}.")
        self.batches = GPU_BATCHES if self.device == "cuda" else CPU_BATCHES
        self._cache = cache
        self._threads = min(threads, os.cpu_count() or 1)
        self.version = f"torch-{torch.__version__}-{self.device}-{self.precision}"

    def open(self, weights: Weights) -> Networks:
        pool = None
        if self.device == "cpu":
            keep_freed_memory()
            pool = OrderedPool(self._threads, "lines", first=lambda: torch.set_num_threads(1))
            torch.set_num_threads(self._threads)  # of this thread alone
        recognizer = converted(weights.recognizer, self._cache)
        return Networks(
            f"{weights.family}/{self.version}",
            TorchDetector(self._network(converted(weights.detector, self._cache)), self.batches),
            TorchOrientation(self._network(converted(weights.orientation, self._cache)), self.batches),
            TorchRecognizer(
                self._network(recognizer.without_softmax()),
                self.batches,
                with_blank_and_space(recognizer.metadata["character"]),
                pool,
            ),
        )

    def warm_up(self, networks: Networks) -> None:
        """Runs the networks once at shapes that are often met, so that their first pages do not wait for kernels to be
        loaded and for memory. On a processor there is nothing to wait for."""
        if self.device == "cpu":
            return
        for _ in networks.detector.maps(np.zeros((1, *size, 3), np.uint8) for size in WARM_UP_PAGES):
            pass
        for _ in networks.orientation.flipped([np.zeros((256, 48, 192, 3), np.uint8)]):
            pass
        recognizer = networks.recognizer
        batches = [
            (max(1, min(recognizer.batch_width // width, recognizer.most_lines)), width) for width in WARM_UP_WIDTHS
        ]
        for _ in recognizer.read(np.zeros((lines, 48, width, 3), np.uint8) for lines, width in batches):
            pass
        torch.cuda.synchronize()

    def _network(self, graph: Graph) -> Network:
        dtype = PRECISIONS[self.precision]
        planned = fused_for_cpu(graph, dtype) if self.device == "cpu" else planned_for_gpu(graph)
        return Network(planned, self.device, dtype)


class TorchDetector:
    def __init__(self, network: Network, batches: BatchSizes) -> None:
        self._stream = DeviceStream(network, lambda maps: (maps[:, 0].float(),), batches.pages)

    def maps(self, pages: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        for (maps,) in self._stream.answers(pages):
            yield maps


class TorchOrientation:
    def __init__(self, network: Network, batches: BatchSizes) -> None:
        self._stream = DeviceStream(network, lambda classes: (classes[:, 1].float(),), batches.lines)

    def flipped(self, lines: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        for (flipped,) in self._stream.answers(lines):
            yield flipped


class TorchRecognizer:
    """pool: reads lines in these threads, one each."""

    def __init__(
        self, network: Network, batches: BatchSizes, characters: tuple[str, ...], pool: OrderedPool | None = None
    ) -> None:
        # Its batches come as large as they should be.
        self._stream = DeviceStream(network, likeliest, most_pixels=1, pool=pool)
        self.characters = characters
        self.batch_width = batches.width
        self.most_lines = batches.most_lines

    def read(self, lines: Iterable[Images]) -> Iterator[Steps]:
        for indices, probabilities in self._stream.answers(lines):
            yield Steps(indices, probabilities)


def processor_precision() -> str:
    """bfloat16 where the processor computes with it, which then saves a third of the time; float32 elsewhere."""
    return "bf16" if torch.cpu.get_capabilities().get("avx512_bf16") else "f32"


def likeliest(scores: Tensor) -> tuple[Tensor, Tensor]:
    """The greatest class of each step (int32) and its softmax (float32). scores: (n, steps, classes).

    That softmax is 1 / Σ exp(x - max x), summed in float32; all the others are never written.
    """
    most = scores.max(-1)
    total = scores.sub(most.values[..., None]).exp_().sum(-1, dtype=torch.float32)
    return most.indices.to(torch.int32), total.reciprocal()
