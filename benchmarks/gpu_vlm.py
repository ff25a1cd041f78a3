"""A vision-language model of 3 billion random weights in the engine ``transformers``, against what memory allows.

To write a token for each of its rows a model must read all its weights and the rows' keys and values once; so the
bandwidth of the device's memory bounds the pages a second, whatever computes. Bandwidth is measured by a copy.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actors.ocr.engine import BatchLimits, PageImage, Pixels
from benchmarks.random_vlm import SPECIAL, save_qwen
from benchmarks.table import told

if TYPE_CHECKING:
    from actors.ocr.vlm_model import VlmModel

SPREAD = 0.9
"""Sigma of the logarithm of the mixed lengths."""


@dataclass(frozen=True, slots=True)
class Size:
    """What is measured. text, vision: of the configuration. image_tokens: most a page becomes. tokens: that are written
    for a page. batches: rows; the last is also run with mixed lengths. rounds: full batches of it then.
    """

    text: dict[str, Any]
    vision: dict[str, Any]
    image_tokens: int
    tokens: int
    batches: tuple[int, ...]
    rounds: int = 2


THREE_BILLION = Size(
    text={
        **{"vocab_size": 151_936, "hidden_size": 2048, "intermediate_size": 11_008, "num_hidden_layers": 36},
        **{"num_attention_heads": 16, "num_key_value_heads": 2, "max_position_embeddings": 32_768},
        **{"rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]}},
    },
    vision={
        **{"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "out_hidden_size": 2048},
        **{"window_size": 112, "fullatt_block_indexes": [7, 15, 23, 31], "patch_size": 14},
    },
    image_tokens=1280,
    tokens=512,
    batches=(1, 16, 64),
)
"""Qwen2.5-VL-3B's dimensions."""

TINY = Size(
    text={
        **{"vocab_size": 200, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2},
        **{"num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 4096},
        **{"rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2]}, "initializer_range": 0.4},
    },
    vision={
        **{"depth": 2, "hidden_size": 32, "intermediate_size": 32, "num_heads": 2, "out_hidden_size": 32},
        **{"window_size": 56, "fullatt_block_indexes": [1], "patch_size": 14},
    },
    image_tokens=24,
    tokens=8,
    batches=(1, 4),
)
"""To see on a processor that it all works."""

HEADER = ("", "pages/s", "tokens/s", "limit by bandwidth", "of the limit", "peak memory")


def measure(device: str, page: Pixels, size: Size) -> tuple[str, list[list[str]]]:
    """A line about the model, and the table's rows. device: ``cuda`` or ``cpu``."""
    model = random_model(size, device)
    limit = Limit(model, page, bandwidth(device))
    chance = random.Random(1)
    most = max(size.batches)
    mean = statistics.fmean(drawn := [chance.lognormvariate(0, SPREAD) for _ in range(most * size.rounds)])
    lengths = [max(1, round(size.tokens * length / mean)) for length in drawn]
    rows: list[list[str]] = []
    for batch in size.batches:
        alike = [size.tokens] * (batch if batch > 1 else 2)
        rows += told(_row(model, f"batch {batch}", page, alike, batch, "in-flight", limit))
    mixed = f"{min(lengths)} to {max(lengths)} tokens"
    for batching in ("in-flight", "static"):
        rows += told(_row(model, f"{most} {batching}, {mixed}", page, lengths, most, batching, limit))
    about = (
        f"{limit.parameters / 1e9:.2f} billion weights in {str(model.model.dtype).removeprefix('torch.')}, "
        f"{limit.prompt} tokens of prompt, {size.tokens} written (mixed: in the mean); "
        f"memory copies {limit.bandwidth / 1e9:.0f} GB/s"
    )
    return about, rows


def random_model(size: Size, device: str) -> VlmModel:
    """Qwen2.5-VL of that size, made on the device; its processor is that of a tiny one, with a larger page."""
    import torch
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    from actors.ocr.vlm_model import VlmModel, load_model

    with tempfile.TemporaryDirectory() as folder:
        processor = load_model(str(save_qwen(Path(folder))), device="cpu").processor
    processor.image_processor = Qwen2VLImageProcessorPil(min_pixels=4 * 28 * 28, max_pixels=size.image_tokens * 28 * 28)
    end = SPECIAL.index("<|im_end|>")
    config = Qwen2_5_VLConfig(
        text_config={**size.text, "bos_token_id": None, "eos_token_id": end, "pad_token_id": 0},
        vision_config=size.vision,
        tie_word_embeddings=True,
        image_token_id=SPECIAL.index("<|image_pad|>"),
        video_token_id=SPECIAL.index("<|video_pad|>"),
        vision_start_token_id=SPECIAL.index("<|vision_start|>"),
        vision_end_token_id=SPECIAL.index("<|vision_end|>"),
    )
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16 if device == "cuda" else torch.float32)
    torch.manual_seed(0)
    try:
        with torch.device(device):
            model = Qwen2_5_VLForConditionalGeneration(config).eval()
    finally:
        torch.set_default_dtype(before)
    model.generation_config.eos_token_id, model.generation_config.pad_token_id = end, 0
    return VlmModel(model, processor, "random")


def bandwidth(device: str) -> float:
    """Bytes a second that the device's memory reads and writes, by the best of some copies."""
    import torch

    source = torch.ones(2**30 if device == "cuda" else 2**26, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    best = float("inf")
    for _ in range(8):
        _wait(device)
        begun = time.perf_counter()
        target.copy_(source)
        _wait(device)
        best = min(best, time.perf_counter() - begun)
    return float(2 * source.numel() / best)


class Limit:
    """What the memory's bandwidth allows. parameters: of the whole model. prompt: tokens of a page's."""

    def __init__(self, model: VlmModel, page: Pixels, bandwidth: float) -> None:
        from actors.ocr.vlm_pages import PagePreparation
        from actors.ocr.vlm_prompts import GENERIC

        config = model.model.config.get_text_config()
        self.bandwidth = bandwidth
        self.parameters = sum(weight.numel() for weight in model.model.parameters())
        self.prompt = PagePreparation(model, GENERIC).inputs(page).size
        seen = sum(weight.numel() for name, weight in model.model.named_parameters() if "visual" in name)
        itemsize = model.model.dtype.itemsize
        self._weights = (self.parameters - seen) * itemsize
        head = config.hidden_size // config.num_attention_heads
        self._token = 2 * config.num_hidden_layers * config.num_key_value_heads * head * itemsize

    def pages_a_second(self, lengths: Sequence[int], batch: int) -> float:
        """With all rows full at every step, and prompts read in no time."""
        written = statistics.fmean(lengths)
        rows = min(batch, len(lengths))
        keys = statistics.fmean(length * (self.prompt + length / 2) for length in lengths) / written * self._token
        return float(rows / (written * (self._weights + rows * keys) / self.bandwidth))


def _row(
    model: VlmModel, name: str, page: Pixels, lengths: Sequence[int], batch: int, batching: str, limit: Limit
) -> list[str]:
    import torch

    device = str(model.device.type)
    pages = [PageImage("benchmark", number, page) for number in range(len(lengths))]
    read, version = _engine(model, batch, batching, lambda page: lengths[page.page])
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    _wait(device)
    begun = time.perf_counter()
    for answer in read(pages):
        if isinstance(answer, Exception):
            raise answer
    _wait(device)
    seconds = time.perf_counter() - begun
    most = limit.pages_a_second(lengths, batch)
    rate = len(pages) / seconds
    return [
        name if version.endswith(f"/{batching}") else f"{name} (ran as {version.rpartition('/')[2]})",
        f"{rate:.3f}",
        f"{sum(lengths) / seconds:.0f}",
        f"{most:.3f} pages/s",
        f"{100 * rate / most:.0f} %",
        f"{torch.cuda.max_memory_allocated() / 1e9:.1f} GB" if device == "cuda" else "",
    ]


def _engine(
    model: VlmModel, batch: int, batching: str, length: Callable[[PageImage], int]
) -> tuple[Callable[[list[PageImage]], Sequence[object]], str]:
    """What reads pages, already warm, and its version."""
    from actors.ocr.transformers_engine import TransformersEngine
    from actors.ocr.vlm_guardrails import Guardrails

    engine = TransformersEngine(
        "random",
        limits=BatchLimits(pages=batch, pixels=10**9, wait_ms=0),
        guardrails=Guardrails(tokens=8192, seconds=3600),
        threads=len(os.sched_getaffinity(0)),
        model=model,
        batching=batching,
        length=length,
    )
    engine.load()
    return engine.recognize, engine.version


def _wait(device: str) -> None:
    import torch

    if device == "cuda":
        torch.cuda.synchronize()
