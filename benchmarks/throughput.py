"""Pages a second with the engine rapidocr: the whole cluster over HTTP, against two loops without any cluster.

``same engine`` renders, encodes and reads the same pages with our engine, one after the other, in one process on the
same cores. ``RapidOCR as it comes`` renders them the same way and gives them to ``RapidOCR()`` with its defaults.
The ways take turns, several rounds of them, each in processes of its own: a pass over all documents warms up, and the
mean of the next PASSES counts. A ratio is taken within a round, and the median round is told. The loop uses the runtime
that the cluster's engine chose. The cluster gets all documents at once, by a request each that waits for the end: with
``layout=plain``, which does what the loops do, and with the layout step, which none of them has. A loop has no
beginning and no end to speak of: a page is read as soon as it is drawn. So the cluster also gets every document STEADY
times, where more pages share the way to the first of them and what comes after the last. Each of these documents is a
job of one page, with all that a job costs beside reading; so the cluster gets the same pages as one document, too.

By default a page is read by itself, since that is answered the soonest. ``GNOSIS_BATCH_SIZE`` trades that for speed:
both ways are measured with BATCH as well, in a cluster of its own, and so is the loop.

Processor time says where the difference goes, whatever else the machine does: that of the loop's process, and that of
the cluster's processes by part. ``engine busy`` is the share of the time in which the engine was reading, by what the
records say of their pages: what it lacks to 1 is the way to the first page, the gaps, and the way from the last.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import mean, median

from actors.ocr.engine import PageImage, Pixels
from actors.render.raster import Raster
from benchmarks.control_plane import processor_ms
from benchmarks.running_cluster import REPOSITORY, read_to_the_end, running_cluster
from benchmarks.table import print_table

DPI = 150
MOST_MEGAPIXELS = 50.0
DOCUMENTS = {"linn": "", "c02-22": "", "skew": "", "francais": "", "multipage": "1"}
"""Names and which pages; all where empty."""

LOOP_S = 900
PASSES = 2
STEADY = 4
BATCH = 4
ALL = "the loop's process"
SAME, AS_IT_COMES, IN_BATCHES = "same-engine", "as-it-comes", "in-batches"
CLUSTER, FULL = "the whole cluster, over HTTP", "the same with the layout step"
STEADILY = f"the whole cluster, every document {STEADY} times"
TOGETHER = f"the whole cluster, these pages {STEADY} times in one document"
STEADILY_BATCHED, TOGETHER_BATCHED = f"every document {STEADY} times, batches of {BATCH}", f"in one, batches of {BATCH}"
LOOP, AS_IS = "same engine in a plain loop", "RapidOCR as it comes"
LOOP_BATCHED = f"same engine in a plain loop, batches of {BATCH}"


@dataclass(frozen=True, slots=True)
class Pass:
    """pages: read in ``seconds``, the mean of some passes. characters: of all their text. runtime: that the engine
    chose, where it is known. processor_ms: a page's, by part; ALL where there is but one process. busy: share of the
    time in which the engine was reading, where it is known."""

    pages: int
    seconds: float
    characters: int
    runtime: str = ""
    processor_ms: dict[str, float] = field(default_factory=dict)
    busy: float | None = None

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds


Document = tuple[str, bytes, str]
"""Name, content, and which pages; all where empty."""

Answer = tuple[int, int, str, float]
"""Of a document: pages, characters, engine version, seconds that its pages were in the engine."""

Turn = tuple[float, list[Answer], Counter[str]]
"""Seconds, the documents, and processor milliseconds by part."""


def documents(chosen: Mapping[str, str] = DOCUMENTS) -> dict[Path, str]:
    """The files and which of their pages; the project's own where the folder of real samples is absent."""
    folder = REPOSITORY.parent / "shared" / "samples"
    if folder.is_dir():
        return {folder / f"{name}.pdf": pages for name, pages in chosen.items()}
    print("The folder of real sample documents is absent: measured with samples/*.pdf of the project instead.")
    return dict.fromkeys(sorted((REPOSITORY / "samples").glob("*.pdf")), "")


def through_clusters(files: dict[Path, str]) -> dict[str, Pass]:
    """Each of the cluster's ways."""
    each = [(path.name, path.read_bytes(), pages) for path, pages in files.items()]
    together = [("together.pdf", in_one_document(files, STEADY), "")]
    alone = {
        CLUSTER: ("plain", each),
        STEADILY: ("plain", each * STEADY),
        TOGETHER: ("plain", together),
        FULL: ("full", each),
    }
    batched = {STEADILY_BATCHED: ("plain", each * STEADY), TOGETHER_BATCHED: ("plain", together)}
    return through_cluster(alone, each) | through_cluster(batched, each, batch_size=str(BATCH))


def through_cluster(
    ways: Mapping[str, tuple[str, list[Document]]], each: list[Document], **settings: str
) -> dict[str, Pass]:
    """In one cluster, by turns. ways: the layout and the documents of each. each: what warms up."""

    def read(document: Document, layout: str) -> Answer:
        name, data, chosen = document
        options = {"dpi": str(DPI), "mode": "ocr", "layout": layout} | ({"pages": chosen} if chosen else {})
        record = read_to_the_end(client, name, data, **options)
        result = client.get(f"/api/jobs/{record['job_id']}/result", params={"format": "txt"})
        pages = record["pages"].values()
        version = {page["engine_version"] for page in pages}.pop()
        return len(pages), len(result.text), version, sum(page["duration_ms"] for page in pages) / 1000

    def once(layout: str, documents: list[Document]) -> Turn:
        before, start = processor_ms(cluster), time.monotonic()
        answers = list(threads.map(partial(read, layout=layout), documents))
        return time.monotonic() - start, answers, processor_ms(cluster) - before

    with (
        running_cluster(engines="rapidocr", **settings) as cluster,
        cluster.client() as client,
        ThreadPoolExecutor(STEADY * len(each)) as threads,
    ):
        for layout in sorted({layout for layout, _ in ways.values()}, reverse=True):
            once(layout, each)  # warmed up
        turns = [{way: once(*terms) for way, terms in ways.items()} for _ in range(PASSES)]
    return {way: of_passes([turn[way] for turn in turns]) for way in ways}


def in_one_document(files: Mapping[Path, str], times: int) -> bytes:
    """A PDF of their pages, all of them so many times."""
    import pymupdf

    together = pymupdf.open()
    for path, pages in [*files.items()] * times:
        with pymupdf.open(path) as document:
            first, last = (int(pages) - 1, int(pages) - 1) if pages else (0, -1)
            together.insert_pdf(document, from_page=first, to_page=last)
    return bytes(together.tobytes())


def of_passes(turns: Sequence[Turn]) -> Pass:
    pages, characters, versions, _ = zip(*turns[-1][1], strict=True)
    reading_s = sum(each for _, answers, _ in turns for *_, each in answers)
    spent = sum((parts for _, _, parts in turns), Counter[str]())
    return Pass(
        sum(pages),
        mean(seconds for seconds, _, _ in turns),
        sum(characters),
        versions[0].rpartition("/")[2].partition("-")[0],
        {part: each / (sum(pages) * len(turns)) for part, each in spent.most_common()},
        reading_s / sum(seconds for seconds, _, _ in turns),
    )


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
    read = _rapidocr_as_it_comes() if kind == AS_IT_COMES else _same_engine(runtime)
    together = BATCH if kind == IN_BATCHES else 1
    seconds, spent_ms = [], []
    for _ in range(1 + PASSES):
        start, before = time.monotonic(), _own_processor_ms()
        characters = [count for batch in batches(rasters(files), together) for count in read(batch)]
        seconds.append(time.monotonic() - start)
        spent_ms.append(_own_processor_ms() - before)
    pages = len(characters)
    return Pass(pages, mean(seconds[1:]), sum(characters), "", {ALL: mean(spent_ms[1:]) / pages})


def _own_processor_ms() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return 1000 * (used.ru_utime + used.ru_stime)


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


def batches(pages: Iterator[Raster], size: int) -> Iterator[list[Raster]]:
    while batch := list(islice(pages, size)):
        yield batch


def _same_engine(runtime: str) -> Callable[[list[Raster]], list[int]]:
    """Returns how many characters it read of each page."""
    from actors.ocr.engines import batch_limits
    from actors.ocr.engines.spec import EngineOptions
    from actors.ocr.rapidocr_engine import RapidOcrEngine
    from actors.render.raster import encode_png
    from cluster.page_text import PageText

    options = EngineOptions(threads=len(os.sched_getaffinity(0)), fault_folder=Path(tempfile.gettempdir()))
    limits = batch_limits("rapidocr", options)
    engine = RapidOcrEngine(threads=options.threads, limits=limits, runtime=runtime or None)
    engine.load()

    def read(batch: list[Raster]) -> list[int]:
        for raster in batch:
            encode_png(raster)
        counts = []
        for answer in engine.recognize([PageImage("benchmark", 1, raster.pixels) for raster in batch]):
            if not isinstance(answer, PageText):
                raise answer
            counts.append(len(answer.text))
        return counts

    return read


def _rapidocr_as_it_comes() -> Callable[[list[Raster]], list[int]]:
    import numpy as np
    from rapidocr import RapidOCR

    engine = RapidOCR()

    def read(batch: list[Raster]) -> list[int]:
        [raster] = batch
        pixels: Pixels = np.ascontiguousarray(raster.pixels[..., ::-1])  # it takes arrays in OpenCV's order of colours
        lines = engine(pixels).txts
        return [len("\n".join(lines or ()))]

    return read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loop", choices=(SAME, AS_IT_COMES, IN_BATCHES), help=argparse.SUPPRESS)
    parser.add_argument("--runtime", default="", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3, help="how often each way has its turn (default 3)")
    parser.add_argument("files", nargs="?", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.loop:
        files = {Path(path): pages for path, pages in json.loads(arguments.files).items()}
        result = run_loop(arguments.loop, files, arguments.runtime)
        print(json.dumps(asdict(result)))
        return
    measure(documents(), arguments.rounds)


def measure(files: dict[Path, str], rounds: int) -> None:
    turns: list[dict[str, Pass]] = []
    for _ in range(rounds):
        ways = through_clusters(files)
        runtime = ways[CLUSTER].runtime
        loops = {LOOP: in_loop(SAME, files, runtime), LOOP_BATCHED: in_loop(IN_BATCHES, files, runtime)}
        turns.append(ways | loops | {AS_IS: in_loop(AS_IT_COMES, files)})
    title = f"rapidocr at {DPI} dpi on {len(os.sched_getaffinity(0))} cores: {', '.join(path.stem for path in files)}"
    header = ["way", "pages", "seconds, each round", "pages/s, median", "times the loop", "engine busy"]
    header += ["processor ms/page", "characters"]
    print_table(title, header, [_row(way, [turn[way] for turn in turns], turns) for way in turns[0]])
    for way in turns[0]:
        print(f"Processor ms a page, {way}: {_by_part([turn[way] for turn in turns])}")
    print("The engine's runtime, by round: " + ", ".join(turn[CLUSTER].runtime for turn in turns))


def _row(way: str, passes: list[Pass], turns: list[dict[str, Pass]]) -> list[str]:
    return [
        way,
        str(passes[0].pages),
        " ".join(f"{one.seconds:.1f}" for one in passes),
        f"{median(one.rate for one in passes):.2f}",
        f"{median(turn[way].rate / turn[LOOP].rate for turn in turns):.2f}",
        "" if passes[0].busy is None else f"{median(one.busy or 0 for one in passes):.2f}",
        f"{median(sum(one.processor_ms.values()) for one in passes):.0f}",
        str(passes[0].characters),
    ]


def _by_part(passes: list[Pass]) -> str:
    """The mean over the rounds, the largest first."""
    spent = Counter({part: mean(one.processor_ms.get(part, 0) for one in passes) for part in passes[0].processor_ms})
    return ", ".join(f"{part} {each:.0f}" for part, each in spent.most_common())


if __name__ == "__main__":
    main()
