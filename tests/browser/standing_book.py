"""A job of many pages that has been read, written into the folder of a store as hosts would have left it."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw

from cluster import layout
from cluster.ids import new_job_id
from cluster.page_text import Line, PageResult, PageText, encode_result
from cluster.record import FileInfo, JobRecord, JobStatus, PageRecord, PageStatus, Step, encode
from serve_app.identity import ANONYMOUS

WIDTH, HEIGHT = 400, 520
LINES = 30
CREATED = "2026-01-01T00:00:00.000000Z"


def write_standing_book(folder: Path, pages: int) -> str:
    """Its job id. Each page has a text of its own and the same image."""
    job_id = new_job_id()
    prefix = layout.job_prefix(ANONYMOUS, job_id)
    image = _page_image()
    for page in range(1, pages + 1):
        _write(folder, layout.page_image(prefix, page), image)
        _write(folder, layout.page_result(prefix, page), encode_result(_result(job_id, page)))
    _write(folder, prefix + "result-1-1.txt", b"\n".join(_text(page).encode() for page in range(1, pages + 1)))
    _write(folder, layout.record(prefix), encode(_record(job_id, pages)))
    _write(folder, layout.index(ANONYMOUS, job_id), b"")
    return job_id


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


def _record(job_id: str, pages: int) -> JobRecord:
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
        user_email=ANONYMOUS,
        created_at=CREATED,
        updated_at=CREATED,
        pages=each,
        pages_extracted=pages,
        pages_completed=pages,
        epoch=1,
        revision=9,
        options={"mode": "auto", "pages": None, "dpi": 150, "session_id": None},
        outputs={"txt": "result-1-1.txt"},
    )
