"""Pages a second with the engine rapidocr: the whole cluster over HTTP, against two loops without any cluster.

``same engine`` renders, encodes and reads the same pages with our engine, one after the other, in one process on the
same cores. ``RapidOCR as it comes`` renders them the same way and gives them to ``RapidOCR()`` with its defaults.
The ways take turns, several rounds of them, each in processes of its own: a pass over all documents warms up, and the
mean of the next PASSES counts. A ratio is taken within a round, and the median round is told. The loop uses the runtime
that the cluster's engine chose. The cluster gets all documents at once, by a request each that waits for the end: with
``layout=plain``, which does what the loops do, and with the layout step, which none of them has.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median

from actors.ocr.engine import PageImage, Pixels
from actors.render.raster import Raster
from benchmarks.running_cluster import REPOSITORY, read_to_the_end, running_cluster
from benchmarks.table import print_table

DPI = 150
MOST_MEGAPIXELS = 50.0
DOCUMENTS = {"linn": "", "c02-22": "", "skew": "", "francais": "", "multipage": "1"}
"""Names and which pages; all where empty."""

LOOP_S = 900
PASSES = 2
SAME, AS_IT_COMES = "same-engine", "as-it-comes"
CLUSTER, FULL = "the whole cluster, over HTTP", "the same with the layout step"
LOOP, AS_IS = "same engine in a plain loop", "RapidOCR as it comes"


@dataclass(frozen=True, slots=True)
class Pass:
    """pages: read in ``seconds``, the mean of some passes. characters: of all their text. runtime: that the engine
    chose, where it is known."""

    pages: int
    seconds: float
    characters: int
    runtime: str = ""


def documents(chosen: Mapping[str, str] = DOCUMENTS) -> dict[Path, str]:
    """The files and which of their pages; the project's own where the folder of real samples is absent."""
    folder = REPOSITORY.parent / "shared" / "samples"
    if folder.is_dir():
        return {folder / f"{name}.pdf": pages for name, pages in chosen.items()}
    print("The folder of real sample documents is absent: measured with samples/*.pdf of the project instead.")
    return dict.fromkeys(sorted((REPOSITORY / "samples").glob("*.pdf")), "")


def through_cluster(files: dict[Path, str]) -> tuple[Pass, Pass]:
    """In plain order, and with the layout step; in one cluster, by turns."""

    def read(path: Path, pages: str, layout: str) -> tuple[int, int, str]:
        options = {"dpi": str(DPI), "mode": "ocr", "layout": layout} | ({"pages": pages} if pages else {})
        record = read_to_the_end(client, path.name, path.read_bytes(), **options)
        result = client.get(f"/api/jobs/{record['job_id']}/result", params={"format": "txt"})
        engines = {page["engine_version"] for page in record["pages"].values()}
        return len(record["pages"]), len(result.text), engines.pop()

    def once(layout: str) -> tuple[float, list[tuple[int, int, str]]]:
        start = time.monotonic()
        answers = list(threads.map(partial(read, layout=layout), files.keys(), files.values()))
        return time.monotonic() - start, answers

    with (
        running_cluster(engines="rapidocr") as cluster,
        cluster.client() as client,
        ThreadPoolExecutor(len(files)) as threads,
    ):
        turns = [(once("plain"), once("full")) for _ in range(1 + PASSES)]
    plain, full = zip(*turns, strict=True)
    return _of_passes(plain), _of_passes(full)


def _of_passes(turns: Sequence[tuple[float, list[tuple[int, int, str]]]]) -> Pass:
    """The first warmed up."""
    pages, characters, versions = zip(*turns[-1][1], strict=True)
    runtime = versions[0].rpartition("/")[2].partition("-")[0]
    return Pass(sum(pages), mean(seconds for seconds, _ in turns[1:]), sum(characters), runtime)


def in_loop(kind: str, files: dict[Path, str], runtime: str = "") -> Pass:
    """In a process of its own, so that nothing of this one weighs on it."""
    command = [sys.executable, "-m", "benchmarks.throughput", "--loop", kind, "--runtime", runtime]
    done = subprocess.run(
        [*command, json.dumps({str(path): pages for path, pages in files.items()})],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=LOOP_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the loop {kind} ended with {done.returncode}: {done.stderr[-2000:]}")
    return Pass(**json.loads(done.stdout.splitlines()[-1]))


def run_loop(kind: str, files: dict[Path, str], runtime: str) -> Pass:
    read = _same_engine(runtime) if kind == SAME else _rapidocr_as_it_comes()
    seconds = []
    for _ in range(1 + PASSES):
        start = time.monotonic()
        characters = [read(raster) for raster in rasters(files)]
        seconds.append(time.monotonic() - start)
    return Pass(len(characters), mean(seconds[1:]), sum(characters))


def rasters(files: dict[Path, str]) -> Iterator[Raster]:
    """The pages, one by one: a raster's pixels are gone once the next is asked for."""
    from actors.render import pdf_document
    from actors.render.document import open_document

    pdf_document.silence()
    for path, pages in files.items():
        document = open_document(path, None)
        numbers = [int(pages)] if pages else range(1, document.total_pages + 1)
        for page in numbers:
            yield document.render(page, DPI, MOST_MEGAPIXELS)
        document.close()


def _same_engine(runtime: str) -> Callable[[Raster], int]:
    """Returns how many characters it read."""
    from actors.ocr.engines import batch_limits
    from actors.ocr.engines.spec import EngineOptions
    from actors.ocr.rapidocr_engine import RapidOcrEngine
    from actors.render.raster import encode_png
    from cluster.page_text import PageText

    options = EngineOptions(threads=len(os.sched_getaffinity(0)), fault_folder=Path(tempfile.gettempdir()))
    limits = batch_limits("rapidocr", options)
    engine = RapidOcrEngine(threads=options.threads, limits=limits, runtime=runtime or None)
    engine.load()

    def read(raster: Raster) -> int:
        encode_png(raster)
        [answer] = engine.recognize([PageImage("benchmark", 1, raster.pixels)])
        if not isinstance(answer, PageText):
            raise answer
        return len(answer.text)

    return read


def _rapidocr_as_it_comes() -> Callable[[Raster], int]:
    import numpy as np
    from rapidocr import RapidOCR

    engine = RapidOCR()

    def read(raster: Raster) -> int:
        pixels: Pixels = np.ascontiguousarray(raster.pixels[..., ::-1])  # it takes arrays in OpenCV's order of colours
        lines = engine(pixels).txts
        return len("\n".join(lines or ()))

    return read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loop", choices=(SAME, AS_IT_COMES), help=argparse.SUPPRESS)
    parser.add_argument("--runtime", default="", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3, help="how often each way has its turn (default 3)")
    parser.add_argument("files", nargs="?", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.loop:
        files = {Path(path): pages for path, pages in json.loads(arguments.files).items()}
        result = run_loop(arguments.loop, files, arguments.runtime)
        print(json.dumps({"pages": result.pages, "seconds": result.seconds, "characters": result.characters}))
        return
    measure(documents(), arguments.rounds)


def measure(files: dict[Path, str], rounds: int) -> None:
    turns: list[dict[str, Pass]] = []
    for _ in range(rounds):
        cluster, full = through_cluster(files)
        loop, as_is = in_loop(SAME, files, cluster.runtime), in_loop(AS_IT_COMES, files)
        turns.append({CLUSTER: cluster, FULL: full, LOOP: loop, AS_IS: as_is})
    title = f"rapidocr at {DPI} dpi on {len(os.sched_getaffinity(0))} cores: {', '.join(path.stem for path in files)}"
    header = ["way", "pages", "seconds, each round", "pages/s, median", "times the loop", "characters"]
    print_table(title, header, [_row(way, [turn[way] for turn in turns], turns) for way in turns[0]])
    print("The engine's runtime, by round: " + ", ".join(turn[CLUSTER].runtime for turn in turns))


def _row(way: str, passes: list[Pass], turns: list[dict[str, Pass]]) -> list[str]:
    return [
        way,
        str(passes[0].pages),
        " ".join(f"{one.seconds:.1f}" for one in passes),
        f"{median(one.pages / one.seconds for one in passes):.2f}",
        f"{median(turn[LOOP].seconds / turn[way].seconds for turn in turns):.2f}",
        str(passes[0].characters),
    ]


if __name__ == "__main__":
    main()
