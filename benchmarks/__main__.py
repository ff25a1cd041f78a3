"""``python -m benchmarks NAME ...`` runs one of the benchmarks."""

from __future__ import annotations

import re
import sys
from importlib import import_module

HELP = """Usage: python -m benchmarks NAME [options]

  throughput      pages a second with rapidocr: the whole cluster, the same engine in a plain loop, RapidOCR as it comes
  engines         pages a second and texts of the engines alone, page by page, against RapidOCR as it comes
  engine_parts    where the time of the engine rapidocr goes: its bare networks on the same images, and the rest
  embedded        pages a second of a born-digital document by its own text, against pymupdf4llm and plain MuPDF
  chaos           the crash matrix: processes are killed under load; nothing may be lost, no finished page read again
  control_plane   what the cluster costs without reading: pages and jobs a second, processor time, memory, start-up
  metering        what metrics cost: processor time a page, counted in memory and handed to Ray
  doors           HAProxy and Serve's own proxy side by side: status, uploads, listeners, killed replicas, memory
  page            the web page in a browser: until it is usable, from recognised to on the screen, a long book scrolled
  pool            how full batches are, and how long a letter waits while a book is read
  gpu             ppocr-torch and a vision-language model of 3 billion weights on one GPU
  http            the front door: status, submissions, large uploads, listeners, each beside what bounds it
  idle            what a cluster costs that has nothing to do: memory and processor time, by process
  quality         error rates, reading order and checks over pages with known text, beside tesseract and pymupdf4llm
  records         what a job of many pages costs its host: the time of a save and of a fact, and memory
  simulate        the cluster in virtual time, from 1 replica to 100: cost a page, waiting, fairness, writes a second
  sizing          machines for a number of pages a day, and what a million pages cost, by measured rates; runs nothing
  soak            hard use of a running server: the described API against its answers, a fuzz, and a mixed load
  vlm             a vision-language model with random weights: batch 1 against full batches, fixed against in-flight

`python -m benchmarks NAME --help` lists the options of one."""


NAMES = re.findall(r"^  (\w+)", HELP, re.MULTILINE)


def main() -> int:
    name, *arguments = sys.argv[1:] or [""]
    sys.argv = [f"benchmarks {name}", *arguments]
    if name not in NAMES:
        print(HELP)
        return 0 if name in ("", "-h", "--help", "help") else 2
    import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
