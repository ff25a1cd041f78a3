"""Where the time of the engine rapidocr goes: the bare networks on the very images that it gave them, and the rest.

The pages are read once to keep what goes into each network. Then, in rounds, they are read whole, and the networks run
alone on what was kept. No way to prepare images or to find boxes can make the engine faster than its bare networks.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from actors.ocr.engine import Pixels
from actors.ocr.ppocr_network import Images, Networks, Steps
from actors.ocr.ppocr_reader import PageReader
from actors.ocr.ppocr_runtime import RUNTIMES, fastest_runtime
from actors.ocr.ppocr_weights import wheel_weights
from benchmarks.table import print_table
from benchmarks.throughput import DPI, documents, rasters

WHOLE, DETECTOR, ORIENTATION, RECOGNIZER = "whole", "detector", "classifier of upside-down lines", "recogniser"


@dataclass(slots=True)
class Part:
    """run: does it once. images: batches it takes. megapixels: of them. (seconds, processor seconds) of each round."""

    name: str
    run: Callable[[], object]
    images: int
    megapixels: float
    spent: list[tuple[float, float]] = field(default_factory=list)


def parts(networks: Networks, pages: list[Pixels]) -> list[Part]:
    kept: dict[str, list[Images]] = {DETECTOR: [], ORIENTATION: [], RECOGNIZER: []}
    runs: dict[str, Callable[[Iterable[Images]], Iterator[object]]] = {
        DETECTOR: networks.detector.maps,
        ORIENTATION: networks.orientation.flipped,
        RECOGNIZER: networks.recognizer.read,
    }
    detector, orientation, recognizer = (_Keeping(networks, kept, name) for name in kept)
    PageReader(replace(networks, detector=detector, orientation=orientation, recognizer=recognizer)).read(pages)
    reader = PageReader(networks)
    found = [Part(WHOLE, lambda: reader.read(pages), len(pages), sum(page.size for page in pages) / 3e6)]
    for name, batches in kept.items():
        found.append(Part(name, _runner(runs[name], batches), len(batches), sum(each.size for each in batches) / 3e6))
    return found


class _Keeping:
    """Stands before one of the networks and keeps what goes in."""

    def __init__(self, networks: Networks, kept: dict[str, list[Images]], name: str) -> None:
        self._networks = networks
        self._kept = kept[name]
        self.characters = networks.recognizer.characters
        self.batch_width, self.most_lines = networks.recognizer.batch_width, networks.recognizer.most_lines

    def maps(self, pages: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        return self._networks.detector.maps(self._keep(pages))

    def flipped(self, lines: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        return self._networks.orientation.flipped(self._keep(lines))

    def read(self, lines: Iterable[Images]) -> Iterator[Steps]:
        return self._networks.recognizer.read(self._keep(lines))

    def _keep(self, batches: Iterable[Images]) -> Iterator[Images]:
        for batch in batches:
            self._kept.append(batch.copy())
            yield batch


def _runner(run: Callable[[Iterable[Images]], Iterator[object]], batches: list[Images]) -> Callable[[], object]:
    return lambda: sum(1 for _ in run(batches))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each part has its turn (default 3)")
    parser.add_argument("--runtime", choices=tuple(RUNTIMES), help="default: the one that the engine would choose")
    arguments = parser.parse_args()
    threads = len(os.sched_getaffinity(0))
    weights = wheel_weights()
    networks = fastest_runtime(threads, weights.recognizer, arguments.runtime).open(weights)
    pages = [raster.pixels.copy() for raster in rasters(documents())]
    found = parts(networks, pages)
    for _ in range(arguments.rounds):
        for part in found:
            start, processor_start = time.perf_counter(), time.process_time()
            part.run()
            part.spent.append((time.perf_counter() - start, time.process_time() - processor_start))
    whole, *bare = found
    rest = [
        tuple(total - sum(part.spent[turn][clock] for part in bare) for clock, total in enumerate(whole.spent[turn]))
        for turn in range(arguments.rounds)
    ]
    total = median(spent[1] for spent in whole.spent)
    rows = [[p.name, str(p.images), f"{p.megapixels:.1f}", *_times(p.spent, total)] for p in found]
    rows.append(["the rest", "", "", *_times([(seconds, processor) for seconds, processor in rest], total)])
    title = (
        f"{networks.version} at {DPI} dpi on {threads} cores, all pages in a batch, {arguments.rounds} rounds, median"
    )
    print_table(title, ["part", "images", "megapixels", "seconds", "processor s", "of the whole"], rows)


def _times(spent: list[tuple[float, float]], total: float) -> list[str]:
    seconds, processor = median(each[0] for each in spent), median(each[1] for each in spent)
    return [f"{seconds:.2f}", f"{processor:.2f}", f"{100 * processor / total:.1f} %"]


if __name__ == "__main__":
    main()
