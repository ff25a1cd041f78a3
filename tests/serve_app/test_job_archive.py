from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cluster import layout
from cluster.blobs.memory import MemoryBlobStore
from cluster.record import FileInfo, JobRecord
from serve_app.job_archive import archive_entries, archive_time
from tests.serve_app.builders import ended, job_record

PREFIX = "users/u/jobs/j/"
OUTPUTS = {"txt": "result-1-2.txt", "alto": "result-1-2.alto"}


def record(**changes: Any) -> JobRecord:
    return ended(job_record(**{"outputs": OUTPUTS, **changes}))


async def names(store: MemoryBlobStore, of: JobRecord) -> dict[str, int]:
    return {entry.name: entry.size async for entry in archive_entries(store, PREFIX, of, {"alto": "alto.xml"})}


async def test_outputs_texts_and_images_that_are_stored() -> None:
    store = MemoryBlobStore()
    for file in (*OUTPUTS.values(), "result-1-1.txt", "processing.json", "raw/document.pdf"):
        await store.put(PREFIX + file, b"four")
    await store.put(layout.page_image(PREFIX, 1), b"image")
    for page in (1, 2, 1000):
        await store.put(layout.page_text(PREFIX, page), b"text")
        await store.put(layout.page_result(PREFIX, page), b"{}")
    assert await names(store, record()) == {
        "scan.alto.xml": 4,
        "scan.txt": 4,
        "images/page_001.png": 5,
        "text/page_001.txt": 4,
        "text/page_1000.txt": 4,
        "text/page_002.txt": 4,
    }


async def test_long_jobs_are_listed_part_by_part() -> None:
    store = MemoryBlobStore()
    for page in range(1, 1202):
        await store.put(layout.page_text(PREFIX, page), b"")
    assert len(await names(store, record(outputs={}))) == 1201


@pytest.mark.parametrize("filename", ["../../etc/passwd.pdf", "..\\..\\passwd.pdf", "/passwd.pdf"])
async def test_names_lead_nowhere_else(filename: str) -> None:
    store = MemoryBlobStore()
    await store.put(PREFIX + OUTPUTS["txt"], b"")
    file = FileInfo(filename, "pdf", 1, "raw/document.pdf", 1)
    assert list(await names(store, record(file_info=file, outputs={"txt": OUTPUTS["txt"]}))) == ["passwd.txt"]


def test_times_are_the_jobs_own() -> None:
    accepted = replace(record(), created_at="2026-01-31T12:30:59.999999Z")
    assert archive_time(accepted) == (2026, 1, 31, 12, 30, 59)
    assert archive_time(replace(accepted, created_at="1970-01-01T00:00:00.000000Z"))[0] == 1980
    assert archive_time(replace(accepted, created_at="")) == (1980, 1, 1, 0, 0, 0)
