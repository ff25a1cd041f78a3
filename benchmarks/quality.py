"""How well pages are read: error rates, words found and reading order over documents with known text, beside rivals.

Ours are read over HTTP by a cluster of its own, as users' are; tesseract and pymupdf4llm read the same page images in
the same run (what they read is kept, since it does not change). Three parts: ``errors``, the documents of
quality_documents.py, clean and worn; ``tables``, cells of drawn tables; ``checks``, drawn pages that are hard for
reading order (quality_pages.py). Every page is left in build/quality/pages with its image, truth and readings.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import quality_checks, quality_documents, quality_pages
from benchmarks.judged_text import judged, markdown_text
from benchmarks.markdown_tables import tables_of
from benchmarks.quality_checks import KINDS
from benchmarks.quality_documents import JudgedPage, TablePage, page_image
from benchmarks.quality_readers import PageImage, Reader, Reading, ours, rivals
from benchmarks.quality_report import Found, print_found, table_scores
from benchmarks.running_cluster import REPOSITORY
from benchmarks.text_scores import scores
from benchmarks.worn_pages import WEAR

FOLDER = REPOSITORY / "build" / "quality"
PARTS = ("errors", "tables", "checks")
TABLES_EACH = 3


class Bench:
    """readers: in the order of their columns. folder: where pages and their readings are left."""

    def __init__(self, readers: Sequence[Reader], folder: Path) -> None:
        self.found = Found()
        self._readers = readers
        self._folder = folder

    def judge(self, row: str, pages: Iterable[JudgedPage]) -> None:
        for page in pages:
            truth = judged(page.truth, page.running)
            for reader, reading in self._readings(page.label, page.image, page.truth):
                text = markdown_text(reading.text) if reading.markdown else reading.text
                self.found.add_errors(row, reader, scores(truth, judged(text, page.running), reading.seconds))

    def judge_table(self, page: TablePage) -> None:
        truth = "\n".join(" | ".join(row) for row in page.grid)
        for reader, reading in self._readings(page.label, page.image, truth):
            tables = tables_of(reading.text) if reading.markdown else []
            self.found.add_table(page.name, reader, table_scores(page.grid, tables))

    def check(self, page: quality_pages.CheckedPage) -> None:
        label = f"check {page.name}"
        for reader, reading in self._readings(label, page_image(page.image, quality_pages.DPI), page.ideal):
            looked_at = quality_checks.Reading(reading.text, markdown=reading.markdown)
            passed = {check: looked_at.passes(check) for check in page.checks}
            for check, good in passed.items():
                self.found.add_check(page.name, KINDS[type(check)], reader, passed=good)
            failed = "".join(f"{check}\n" for check, good in passed.items() if not good)
            (self._page_folder(label) / f"{reader}.failed").write_text(failed, "utf-8")

    def _readings(self, label: str, image: PageImage, truth: str) -> Iterable[tuple[str, Reading]]:
        """By each reader in turn; a page that could not be read counts as read empty."""
        folder = self._page_folder(label)
        (folder / "page.png").write_bytes(image.png)
        (folder / "truth.txt").write_text(truth, "utf-8")
        for reader in self._readers:
            try:
                reading = reader.read(image)
            except RuntimeError as error:
                print(f"{label}: {reader.name} failed: {error}", file=sys.stderr)
                reading = Reading("", True, 0.0)
            (folder / f"{reader.name}.{'md' if reading.markdown else 'txt'}").write_text(reading.text, "utf-8")
            yield reader.name, reading
        print(f"  {label}", file=sys.stderr, flush=True)

    def _page_folder(self, label: str) -> Path:
        folder = self._folder / label.replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def judge_documents(bench: Bench, names: Sequence[str], variants: Sequence[str], *, quick: bool) -> None:
    documents = quality_documents.known_documents(names)
    for document in documents:
        pages = document.pages[:1] if quick else document.pages
        for dpi in document.dpis[:1] if quick else document.dpis:
            bench.judge(f"{document.name}, {dpi} dpi", quality_documents.clean_pages(document, dpi, pages))
    for variant in variants:
        for document in documents:
            if document.worn:
                worn = quality_documents.worn_pages(document, document.dpis[0], variant)
                bench.judge(f"{document.name}, {variant}", worn)


def run(arguments: argparse.Namespace) -> None:
    variants = arguments.variants if arguments.variants is not None else ([] if arguments.quick else list(WEAR))
    with ExitStack() as stack:
        readers = [stack.enter_context(ours(engines="rapidocr"))]
        if not arguments.no_rivals:
            readers += stack.enter_context(rivals(FOLDER / "readings", fresh=arguments.fresh))
        bench = Bench(readers, FOLDER / "pages")
        if "errors" in arguments.parts:
            judge_documents(bench, arguments.documents, variants, quick=arguments.quick)
        if "tables" in arguments.parts:
            for table in quality_documents.table_pages(1 if arguments.quick else TABLES_EACH):
                bench.judge_table(table)
        if "checks" in arguments.parts:
            for name in quality_pages.DRAWINGS:
                bench.check(quality_pages.checked_page(name, arguments.seed))
    print_found(bench.found, [reader.name for reader in readers])


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = tuple(document.name for document in quality_documents.DOCUMENTS)
    parser.add_argument("--documents", type=_names, default=[], help=f"of {', '.join(known)}; all where not given")
    parser.add_argument("--variants", type=_names, help=f"of {', '.join(WEAR)}; all where not given")
    parser.add_argument("--parts", type=_names, default=list(PARTS), help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--seed", type=int, default=1, help="of the drawn pages with checks (default 1)")
    parser.add_argument("--no-rivals", action="store_true", help="read with this project alone")
    parser.add_argument("--fresh", action="store_true", help="let rivals read again what they have read before")
    parser.add_argument("--quick", action="store_true", help="a page of each document at 150 dpi, none of them worn")
    arguments = parser.parse_args()
    for given, allowed in (
        (arguments.documents, known),
        (arguments.variants or [], tuple(WEAR)),
        (arguments.parts, PARTS),
    ):
        if unknown := set(given) - set(allowed):
            parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(allowed)}")
    shutil.rmtree(FOLDER / "pages", ignore_errors=True)
    if not quality_documents.SAMPLES.is_dir():
        print("The folder of real sample documents is absent: only the project's own are read.", file=sys.stderr)
    run(arguments)


if __name__ == "__main__":
    main()
