"""Who reads the bench's pages: this project through its HTTP API, and two rivals on the same machine.

Each gets the same page image: tesseract as a PNG, the others as a PDF that holds it and nothing else. Rivals don't
change, so what they read is kept on disk by what the image holds, with the time that it took.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import io
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pymupdf
from PIL import Image

from benchmarks.running_cluster import read_to_the_end, running_cluster

TESSERACT_S = 120
LANGUAGES = {"en": "eng", "de": "deu"}
"""Tesseract's names for them; it reads what it has no data for as English."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """png: of the page, which knows its dpi. language: of the text, ISO 639-1."""

    png: bytes
    dpi: int
    language: str = "en"

    def as_pdf(self) -> bytes:
        """One page as large as the image is at its dpi."""
        with Image.open(io.BytesIO(self.png)) as image:
            width, height = (side * 72 / self.dpi for side in image.size)
        with pymupdf.open() as document:
            page = document.new_page(width=width, height=height)
            page.insert_image(page.rect, stream=self.png)
            return bytes(document.tobytes(no_new_id=True))


@dataclass(frozen=True, slots=True)
class Reading:
    """markdown: False where ``text`` is plain. seconds: from the page's handing over to its text."""

    text: str
    markdown: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Reader:
    """name: over its column. read: what it makes of a page; RuntimeError where it fails."""

    name: str
    read: Callable[[PageImage], Reading]


@contextmanager
def ours(**settings: str) -> Iterator[Reader]:
    """A cluster of its own, one job for each page, with the options that nobody gives but for ``mode`` and ``dpi``."""
    with running_cluster(**settings) as cluster, cluster.client() as client:

        def read(page: PageImage) -> Reading:
            start = time.monotonic()
            record = read_to_the_end(client, "page.pdf", page.as_pdf(), mode="ocr", dpi=str(page.dpi))
            result = client.get(f"/api/jobs/{record['job_id']}/result", params={"format": "md"})
            result.raise_for_status()
            return Reading(result.text, True, time.monotonic() - start)

        yield Reader("gnosis-ocr", read)


@contextmanager
def rivals(kept: Path, *, fresh: bool) -> Iterator[list[Reader]]:
    """Those that are installed. kept: where their readings lie. fresh: reads all of them anew."""
    with ExitStack() as stack:
        found = [tesseract(), stack.enter_context(markdown_rival())]
        yield [_keeping(reader, version, kept, fresh=fresh) for reader, version in found if reader is not None]


def tesseract() -> tuple[Reader | None, str]:
    """The program as Debian has it, with its own page segmentation, in one thread, since several wait for each other
    more than they work; and its version."""
    program = shutil.which("tesseract")
    if program is None:
        print("tesseract is not installed (apt-get install tesseract-ocr): its column is missing.", file=sys.stderr)
        return None, ""
    version = _output([program, "--version"]).splitlines()[0].replace(" ", "-")
    known = set(_output([program, "--list-langs"]).split())

    def read(page: PageImage) -> Reading:
        language = LANGUAGES.get(page.language, "eng")
        command = [program, "stdin", "stdout", "--psm", "3", "--dpi", str(page.dpi)]
        start = time.monotonic()
        text = _output([*command, "-l", language if language in known else "eng"], page.png)
        return Reading(text, False, time.monotonic() - start)

    languages = "+".join(sorted(known & set(LANGUAGES.values())))
    return Reader("tesseract", read), f"{version}-{languages}"


@contextmanager
def markdown_rival() -> Iterator[tuple[Reader | None, str]]:
    """pymupdf4llm with the OCR that it chooses, in a process of its own, since its layout module changes PyMuPDF."""
    if importlib.util.find_spec("pymupdf4llm") is None:
        print("pymupdf4llm is not installed (make setup installs it): its column is missing.", file=sys.stderr)
        yield None, ""
        return
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:

        def read(page: PageImage) -> Reading:
            text, seconds = process.submit(_to_markdown, page.as_pdf(), page.dpi).result()
            return Reading(text, True, seconds)

        versions = [f"{name}-{importlib.metadata.version(name)}" for name in ("pymupdf4llm", "rapidocr")]
        yield Reader("pymupdf4llm", read), "-".join(versions)


def _to_markdown(pdf: bytes, dpi: int) -> tuple[str, float]:
    with contextlib.redirect_stdout(sys.stderr):
        import pymupdf4llm

        def read(pages: bytes) -> str:
            with pymupdf.open("pdf", pages) as document:
                return str(pymupdf4llm.to_markdown(document, force_ocr=True, ocr_dpi=dpi, header=False, footer=False))

        if not _warm:
            read(pdf)  # loads its models
            _warm.append(True)
        start = time.monotonic()
        return read(pdf), time.monotonic() - start


_warm: list[bool] = []


def _keeping(reader: Reader, version: str, kept: Path, *, fresh: bool) -> Reader:
    """Reads each page once: its reading is kept by version and content."""

    def read(page: PageImage) -> Reading:
        what = hashlib.sha256(f"{page.dpi} {page.language} ".encode() + page.png).hexdigest()
        file = kept / version / f"{what}.json"
        if not fresh and file.is_file():
            return Reading(**json.loads(file.read_text("utf-8")))
        reading = reader.read(page)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(reading)), "utf-8")
        return reading

    return Reader(reader.name, read)


def _output(command: list[str], stdin: bytes = b"") -> str:
    """RuntimeError where the command fails, or takes too long."""
    try:
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            timeout=TESSERACT_S,
            check=False,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{command[0]} took longer than {TESSERACT_S} s") from error
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-500:].decode(errors='replace')}")
    return done.stdout.decode("utf-8", "replace")
