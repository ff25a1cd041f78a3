"""What batching gains with a vision-language model: batch 1 against full batches, and fixed against in-flight ones.

The model is a small Qwen2.5-VL with random weights; how long each page's text becomes is drawn beforehand, since such a
model has no sense of an end. Static batches are measured twice: by transformers' own generate(), where an ended page
goes on to cost time, and by this engine's loop, where its row leaves, but is filled only with all others. Every number
is the median of rounds in which the ways take turns, so that whatever else the machine does falls on all of them.
Processor time is shown beside: it leaves out what others took.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from actors.ocr.engine import BatchLimits, PageImage, Pixels
from actors.ocr.transformers_engine import GENERATE, IN_FLIGHT, STATIC, TransformersEngine
from actors.ocr.vlm_guardrails import Guardrails
from actors.ocr.vlm_model import VlmModel, load_model
from benchmarks.random_vlm import save_qwen
from benchmarks.table import print_table

SIZE = (112, 84)
NAMES = {GENERATE: "static, by generate()", STATIC: "static, rows leave early", IN_FLIGHT: "in-flight"}


class Way:
    """One way of reading the pages. seconds, processor: of each round."""

    def __init__(self, name: str, engine: TransformersEngine) -> None:
        self.name = name
        self.engine = engine
        self.seconds: list[float] = []
        self.processor: list[float] = []

    def read(self, pages: list[PageImage]) -> None:
        begun, used = time.perf_counter(), time.process_time()
        self.engine.recognize(pages)
        self.seconds.append(time.perf_counter() - begun)
        self.processor.append(time.process_time() - used)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=128, help="of each round; default 128")
    parser.add_argument("--batch", type=int, default=16, help="rows of a full batch; default 16")
    parser.add_argument("--tokens", type=int, default=60, help="the median length of a page; default 60")
    parser.add_argument("--spread", type=float, default=0.9, help="sigma of the lengths' logarithm; default 0.9")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="of torch; default 1")
    options = parser.parse_args()
    chance = random.Random(1)
    lengths = [max(1, round(chance.lognormvariate(0, options.spread) * options.tokens)) for _ in range(options.pages)]
    with tempfile.TemporaryDirectory() as folder:
        save_qwen(Path(folder))
        model = load_model(folder, device="cpu")
    import torch

    torch.set_num_threads(options.threads)
    pages = [PageImage("job", number, _page(number)) for number in range(options.pages)]
    same = compare(model, pages, lambda _: options.tokens, options.rounds, ((1, IN_FLIGHT), (options.batch, IN_FLIGHT)))
    mixed = compare(
        model,
        pages,
        lambda page: lengths[page.page],
        options.rounds,
        [(options.batch, batching) for batching in (GENERATE, STATIC, IN_FLIGHT)],
    )
    print_table(f"{options.pages} pages of {options.tokens} tokens each", HEADER, rows(same, options.pages))
    drawn = f"{min(lengths)} to {max(lengths)} tokens, {statistics.median(lengths):g} in the median"
    print_table(f"{options.pages} pages of {drawn} (long-tailed)", HEADER, rows(mixed, options.pages))


HEADER = ("", "pages/s", "processor ms a page", "against the first, by time", "by processor time")


def compare(
    model: VlmModel,
    pages: list[PageImage],
    length: Callable[[PageImage], int],
    rounds: int,
    ways: Sequence[tuple[int, str]],
) -> list[Way]:
    """ways: rows, and how they are filled."""
    made = []
    for batch, batching in ways:
        engine = TransformersEngine(
            "random",
            limits=BatchLimits(pages=batch, pixels=400_000_000, wait_ms=0),
            guardrails=Guardrails(tokens=4096, seconds=3600),
            model=model,
            batching=batching,
            length=length,
        )
        engine.load()
        made.append(Way(f"{NAMES[batching]}, batch {batch}", engine))
    for way in made:
        way.engine.recognize(pages[:2])
    for _ in range(rounds):
        for way in made:
            way.read(pages)
    return made


def rows(ways: list[Way], pages: int) -> list[list[str]]:
    seconds = [statistics.median(way.seconds) for way in ways]
    processor = [statistics.median(way.processor) for way in ways]
    return [
        [
            way.name,
            f"{pages / seconds[n]:.1f}",
            f"{1000 * processor[n] / pages:.0f}",
            f"{seconds[0] / seconds[n]:.2f} x",
            f"{processor[0] / processor[n]:.2f} x",
        ]
        for n, way in enumerate(ways)
    ]


def _page(number: int) -> Pixels:
    import numpy as np

    width, height = SIZE
    return np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)


if __name__ == "__main__":
    main()
