"""Pages a second with each engine on the same pages, against RapidOCR as it comes, and how far the texts agree.

All engines are loaded in one process, with the cores that it may use. In every round each page goes to every engine in
turn, so that a busy moment of the machine hits them all; a ratio is taken within a round, and the median round is told.
Processor seconds are those of all threads of the process: on a machine that does other work, they are surer than the
seconds that passed. Texts are compared line by line, by place.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from actors.ocr.engine import Engine, PageImage, Pixels
from actors.ocr.engines import batch_limits, engine_spec, known_kinds, make_engine
from actors.ocr.engines.spec import EngineOptions
from benchmarks.table import print_table
from benchmarks.text_agreement import ReadBox, differing_characters
from benchmarks.throughput import DPI, documents, rasters
from cluster.page_text import PageText

AS_IT_COMES = "RapidOCR as it comes"
NEEDS = {"ppocr-torch": "torch"}
"""What must be installed for an engine to be compared when none is asked for."""

HELD_OUT = {
    "cardinal": "1",
    "GeoTopo-komprimiert": "10",
    "multicolumn": "1",
    "graph_ocred": "1",
    "google-doc-document": "1",
    "pdflatex-4-pages": "2",
}
"""Documents by which no number of an engine was chosen, and the page of each."""

Read = Callable[[list[Pixels]], list[list[ReadBox]]]


@dataclass(slots=True)
class Way:
    """batch: whether it gets all pages at once. seconds, processor_seconds: by round. lines: of each page."""

    name: str
    read: Read
    batch: bool = False
    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    lines: list[list[ReadBox]] = field(default_factory=list)


def rapidocr_as_it_comes() -> Read:
    from rapidocr import RapidOCR

    engine = RapidOCR()

    def read_one(pixels: Pixels) -> list[ReadBox]:
        result = engine(np.ascontiguousarray(pixels[..., ::-1]))  # it takes arrays in OpenCV's order of colours
        if result.boxes is None:
            return []
        edges = [(box[:, 0].min(), box[:, 1].min(), box[:, 0].max(), box[:, 1].max()) for box in result.boxes]
        boxes = [(float(x0), float(y0), float(x1), float(y1)) for x0, y0, x1, y1 in edges]
        return list(zip(result.txts, boxes, strict=True))

    return lambda pages: [read_one(page) for page in pages]


def of_engine(engine: Engine) -> Read:
    engine.load()

    def read(pages: list[Pixels]) -> list[list[ReadBox]]:
        answers = engine.recognize([PageImage("benchmark", number, page) for number, page in enumerate(pages, start=1)])
        return [_lines(answer) for answer in answers]

    return read


def _lines(answer: PageText | Exception) -> list[ReadBox]:
    if not isinstance(answer, PageText):
        raise answer
    return [(line.text, line.bbox) for line in answer.lines]


def ways(names: list[str], threads: int) -> list[Way]:
    """RapidOCR as it comes; rapidocr in each runtime that is here, page by page and in a batch; the other engines."""
    from actors.ocr.ppocr_runtime import available_runtimes
    from actors.ocr.ppocr_weights import wheel_weights
    from actors.ocr.rapidocr_engine import RapidOcrEngine

    options = EngineOptions(threads=threads, fault_folder=Path(tempfile.gettempdir()))
    found = [Way(AS_IT_COMES, rapidocr_as_it_comes())]
    for name in names:
        if name != "rapidocr":
            read = of_engine(make_engine(name, options))
            found.append(Way(f"{name}, all pages in a batch", read, batch=True))
            continue
        for runtime, version in available_runtimes(threads, wheel_weights().recognizer).items():
            engine = RapidOcrEngine(threads=threads, limits=batch_limits(name, options), runtime=runtime)
            read = of_engine(engine)
            found += [Way(f"rapidocr, {version}", read), Way("  all pages in a batch", read, batch=True)]
    return found


def measure(pages: list[Pixels], compared: list[Way], rounds: int) -> None:
    for turn in range(rounds + 1):  # the first warms up: each engine prepares for the shapes it meets
        spent = {id(way): [0.0, 0.0] for way in compared}
        for way in compared:
            way.lines = []
        for page in pages:
            for way in compared:
                if not way.batch:
                    way.lines += _timed(way, [page], spent[id(way)])
        for way in compared:
            if way.batch:
                way.lines = _timed(way, pages, spent[id(way)])
            if turn:
                way.seconds.append(spent[id(way)][0])
                way.processor_seconds.append(spent[id(way)][1])


def _timed(way: Way, pages: list[Pixels], spent: list[float]) -> list[list[ReadBox]]:
    start, processor_start = time.perf_counter(), time.process_time()
    lines = way.read(pages)
    spent[0] += time.perf_counter() - start
    spent[1] += time.process_time() - processor_start
    return lines


def _row(way: Way, truth: Way) -> list[str]:
    pages = len(way.lines)
    characters = [sum(len(text) for text, _ in lines) for lines in truth.lines]
    differing = [differing_characters(*pair) for pair in zip(truth.lines, way.lines, strict=True)]
    worst = max(wrong / max(1, all_) for wrong, all_ in zip(differing, characters, strict=True))
    faster = median(base / own for base, own in zip(truth.seconds, way.seconds, strict=True))
    leaner = median(base / own for base, own in zip(truth.processor_seconds, way.processor_seconds, strict=True))
    return [
        way.name,
        f"{median(pages / seconds for seconds in way.seconds):.2f}",
        f"{faster:.2f}",
        f"{median(way.processor_seconds) / pages:.2f}",
        f"{leaner:.2f}",
        f"{100 * (1 - sum(differing) / max(1, sum(characters))):.2f} %",
        f"{100 * (1 - worst):.2f} %",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each page goes to each engine (default 3)")
    parser.add_argument("--engines", help="names, separated by commas (default: rapidocr, and ppocr-torch with torch)")
    parser.add_argument("--held-out", action="store_true", help="read pages by which no number was chosen")
    arguments = parser.parse_args()
    present = [kind for kind, module in NEEDS.items() if kind in known_kinds() and importlib.util.find_spec(module)]
    names = arguments.engines.split(",") if arguments.engines else ["rapidocr", *present]
    for name in names:
        engine_spec(name)  # a wrong name stops here
    files = documents(HELD_OUT) if arguments.held_out else documents()
    pages = [raster.pixels.copy() for raster in rasters(files)]
    threads = len(os.sched_getaffinity(0))
    compared = ways(names, threads)
    measure(pages, compared, arguments.rounds)
    title = f"{len(pages)} pages at {DPI} dpi on {threads} cores, {arguments.rounds} rounds: "
    header = [
        "engine",
        "pages/s",
        "x as it comes",
        "processor s/page",
        "x as it comes",
        "same characters",
        "worst page",
    ]
    print_table(title + ", ".join(path.stem for path in files), header, [_row(way, compared[0]) for way in compared])


if __name__ == "__main__":
    main()
