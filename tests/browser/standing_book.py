"""A job of many pages that has been read, written into the folder of a store as hosts would have left it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw

from cluster import layout
from cluster.ids import new_job_id
from cluster.page_text import Line, PageResult, PageText, encode_result
from cluster.record import FileInfo, JobRecord, JobStatus, PageRecord, PageStatus, Step, decode, encode
from serve_app.identity import ANONYMOUS

WIDTH, HEIGHT = 400, 520
LINES = 30
CREATED = "2026-01-01T00:00:00.000000Z"


FORMATS = ("txt", "md", "json", "pdf", "hocr", "alto")


def write_standing_book(folder: Path, pages: int, owner: str = ANONYMOUS) -> str:
    """Its job id. Each page has a text of its own and the same image; of the outputs, txt alone is in its format."""
    job_id = new_job_id()
    prefix = layout.job_prefix(owner, job_id)
    image = _page_image()
    for page in range(1, pages + 1):
        _write(folder, layout.page_image(prefix, page), image)
        _write(folder, layout.page_result(prefix, page), encode_result(_result(job_id, page)))
    for name in FORMATS:
        _write(folder, layout.output(prefix, 1, 1, name), output_of(name, pages))
    _write(folder, layout.record(prefix), encode(_record(job_id, pages, owner)))
    _write(folder, layout.index(owner, job_id), b"")
    return job_id


def output_of(name: str, pages: int) -> bytes:
    """What stands in the book's output of that format."""
    if name == "txt":
        return "\n\f\n".join(_text(page) for page in range(1, pages + 1)).encode()
    return f"the book as {name}".encode()


@contextmanager
def not_read_yet(folder: Path, job_id: str, page: int, owner: str = ANONYMOUS) -> Iterator[None]:
    """In the block the book's last page is still being read; behind it, it has been."""
    path = folder / layout.record(layout.job_prefix(owner, job_id))
    whole = path.read_bytes()
    record = decode(whole)
    assert isinstance(record, JobRecord)
    pages = {**record.pages, page: PageRecord(status=PageStatus.PENDING)}
    before = replace(
        record,
        status=JobStatus.PROCESSING,
        current_step=Step.OCR_PROCESSING,
        pages=pages,
        pages_completed=len(pages) - 1,
        outputs={},
        percent=50,
        revision=record.revision - 1,
    )
    path.write_bytes(encode(before))
    yield
    path.write_bytes(whole)


def _write(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _page_image() -> bytes:
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    draw = ImageDraw.Draw(image)
    for line in range(LINES):
        draw.rectangle((30, 20 + 16 * line, 360 - 7 * (line % 5), 28 + 16 * line), fill=90)
    kept = io.BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def _text(page: int) -> str:
    return "\n".join(f"This is line {line} of page {page}, which stands in a book." for line in range(1, LINES + 1))


def _result(job_id: str, page: int) -> PageResult:
    boxes = [(30.0, 20.0 + 16 * line, 360.0, 28.0 + 16 * line) for line in range(LINES)]
    lines = tuple(Line(text, box, 0.97) for text, box in zip(_text(page).splitlines(), boxes, strict=True))
    read = PageText(_text(page), lines, engine="null", engine_version="1", confidence=0.97)
    return PageResult(job_id, page, 1, 1, 1, WIDTH, HEIGHT, layout.page_image_file(page), WIDTH, HEIGHT, read)


def _record(job_id: str, pages: int, owner: str) -> JobRecord:
    each = {
        page: PageRecord(
            status=PageStatus.COMPLETED,
            image=layout.page_image_file(page),
            result_file=layout.page_result_file(page),
            source="ocr",
            engine="null",
            confidence=0.97,
        )
        for page in range(1, pages + 1)
    }
    return JobRecord(
        job_id=job_id,
        session_id=job_id,
        status=JobStatus.COMPLETED,
        current_step=Step.COMPLETED,
        message=f"Read {pages} pages.",
        percent=100,
        file_info=FileInfo("A long book.pdf", "pdf", pages, "raw/document.pdf", 1_000_000),
        user_email=owner,
        created_at=CREATED,
        updated_at=CREATED,
        pages=each,
        pages_extracted=pages,
        pages_completed=pages,
        epoch=1,
        revision=9,
        options={"mode": "auto", "pages": None, "dpi": 150, "session_id": None},
        outputs={name: layout.output_file(1, 1, name) for name in FORMATS},
    )
