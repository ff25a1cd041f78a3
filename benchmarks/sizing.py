"""How many machines a number of pages a day takes, and what a million pages cost, by rates that were measured.

Nothing runs: rates are those of docs/performance.md and docs/scaling.md, prices are a list's. Both are options, since
documents, machines and contracts differ. A page takes processor time to be drawn, arranged, stored and looked after,
whatever reads it; the engine comes on top, on the same machines (rapidocr) or on machines with a GPU (ppocr-torch).
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

from benchmarks.table import print_table

FLOAT32_S = 3.24
"""Processor seconds in which rapidocr reads a page, in float32, with OpenVINO: bench engines, 26 November 2026."""
BFLOAT16_S = 2.06
"""The same in bfloat16, on the same processor."""
CLUSTER_PAGES_S = 0.75
"""Pages a second of the whole cluster with the layout step, on two cores: bench throughput, 27 November 2026."""
CLUSTER_CORES = 2
H100_PAGES_S = 71.6
"""Pages a second of ppocr-torch, four engines on one H100: bench gpu, 26 November 2026."""
WRITES = 4.2
"""Writes to the blob store a page, record and result, image and text: bench simulate and docs/scaling.md."""
BUSY = 0.7
"""The share of what is paid for that works, where replicas come and go with the load: bench simulate, 10 and 100."""
CPU_CORES = 14
"""Cores of a CPU machine that Ray has: two pods of seven on 16."""
DAY_S = 86_400
MILLION = 1_000_000
PAGES_A_DAY = (10_000, 100_000, 1_000_000, 5_000_000)


@dataclass(frozen=True)
class Terms:
    """peak: the busiest time of the day beside its average. read_s: processor seconds in which a page is read, None for
    the measured ones. gpu_pages_s: of a GPU machine. Prices in dollars: of a machine for an hour, of 1,000 writes."""

    peak: float = 3.0
    busy: float = BUSY
    read_s: float | None = None
    gpu_pages_s: float = H100_PAGES_S
    # Google's list for europe-west4, n2-standard-16 and a3-highgpu-1g, 7 November 2024.
    cpu_price: float = 0.855
    gpu_price: float = 14.07
    # Google's list for Standard in one region, class A, 20 September 2026.
    write_price: float = 0.005


@dataclass(frozen=True)
class Way:
    """A way to read. cpu_s: processor seconds a page on CPU machines. gpu_s: seconds a page of a GPU machine."""

    name: str
    cpu_s: float
    gpu_s: float = 0.0

    def machines(self, pages_s: float, busy: float) -> tuple[int, int]:
        """CPU and GPU machines that read so many pages a second."""
        return math.ceil(pages_s * self.cpu_s / CPU_CORES / busy), math.ceil(pages_s * self.gpu_s / busy)

    def hours(self, pages: int, busy: float) -> tuple[float, float]:
        """Hours of CPU and of GPU machines that so many pages take."""
        return pages * self.cpu_s / CPU_CORES / busy / 3600, pages * self.gpu_s / busy / 3600


def around_s() -> float:
    """Processor seconds a page beside its reading: what the cluster took where it was measured, without the engine."""
    return CLUSTER_CORES / CLUSTER_PAGES_S - BFLOAT16_S


def ways(terms: Terms) -> list[Way]:
    measured = [("rapidocr, float32", FLOAT32_S), ("rapidocr, bfloat16", BFLOAT16_S)]
    reads = measured if terms.read_s is None else [("rapidocr", terms.read_s)]
    by_cpu = [Way(name, read_s + around_s()) for name, read_s in reads]
    return [*by_cpu, Way("ppocr-torch, H100", around_s(), 1 / terms.gpu_pages_s)]


def inputs(terms: Terms) -> list[list[str]]:
    reads = (
        [["processor s/page, rapidocr, float32", f"{FLOAT32_S}"], ["the same, bfloat16", f"{BFLOAT16_S}"]]
        if terms.read_s is None
        else [["processor s/page, rapidocr", f"{terms.read_s:g}"]]
    )
    return [
        *reads,
        ["processor s/page beside the reading", f"{around_s():.2f}"],
        ["pages/s of a GPU machine", f"{terms.gpu_pages_s:g}"],
        ["cores of a CPU machine", f"{CPU_CORES}"],
        ["share that works", f"{terms.busy:g}"],
        ["busiest time beside the average", f"{terms.peak:g}"],
        ["writes/page", f"{WRITES}"],
        ["dollars an hour: CPU machine, GPU machine", f"{terms.cpu_price:g}, {terms.gpu_price:g}"],
        ["dollars for 1,000 writes", f"{terms.write_price:g}"],
    ]


def sizes(pages_a_day: int, terms: Terms) -> list[str]:
    """Machines for the busiest time. The head and what stands on its machine are not counted."""
    pages_s = pages_a_day / DAY_S * terms.peak
    counts = [way.machines(pages_s, terms.busy) for way in ways(terms)]
    told = [f"{cpu} + {gpu}" if way.gpu_s else f"{cpu}" for way, (cpu, gpu) in zip(ways(terms), counts, strict=True)]
    return [f"{pages_a_day:,}", f"{pages_s:.1f}", *told]


def cost(way: Way, terms: Terms) -> list[str]:
    """Of a million pages."""
    cpu, gpu = way.hours(MILLION, terms.busy)
    machines = cpu * terms.cpu_price + gpu * terms.gpu_price
    writes = MILLION * WRITES / 1000 * terms.write_price
    return [way.name, f"{cpu:.0f}", f"{gpu:.1f}", f"{machines:.0f}", f"{writes:.0f}", f"{machines + writes:.0f}"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = Terms()
    parser.add_argument("--pages-a-day", type=int, nargs="+", default=PAGES_A_DAY, help="each a row")
    parser.add_argument("--peak", type=float, default=known.peak, help="the busiest time beside the day's average")
    parser.add_argument("--busy", type=float, default=known.busy, help="share of what is paid for that works")
    parser.add_argument("--read-seconds", type=float, help="processor seconds in which rapidocr reads a page of yours")
    parser.add_argument("--gpu-rate", type=float, default=known.gpu_pages_s, help="pages a second of your GPU machine")
    parser.add_argument("--cpu-price", type=float, default=known.cpu_price, help="dollars an hour of a CPU machine")
    parser.add_argument("--gpu-price", type=float, default=known.gpu_price, help="dollars an hour of a GPU machine")
    parser.add_argument("--write-price", type=float, default=known.write_price, help="dollars for 1,000 writes")
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    terms = Terms(
        peak=chosen.peak,
        busy=chosen.busy,
        read_s=chosen.read_seconds,
        gpu_pages_s=chosen.gpu_rate,
        cpu_price=chosen.cpu_price,
        gpu_price=chosen.gpu_price,
        write_price=chosen.write_price,
    )
    print_table("What is reckoned with", ["input", "value"], inputs(terms))
    print_table(
        "Machines at the busiest time: CPU, or CPU + GPU",
        ["pages a day", "pages/s", *(way.name for way in ways(terms))],
        [sizes(pages, terms) for pages in chosen.pages_a_day],
    )
    print_table(
        "A million pages: hours of machines, and dollars",
        ["read by", "CPU hours", "GPU hours", "machines", "writes", "together"],
        [cost(way, terms) for way in ways(terms)],
    )


if __name__ == "__main__":
    main()
