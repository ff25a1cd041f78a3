"""Assembled results."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from cluster import layout
from cluster.blobs.port import BlobInfo
from cluster.errors import BlobNotFound
from cluster.record import ErrorInfo, FileInfo, JobRecord, JobStatus
from serve_app.identity import ANONYMOUS
from tests.serve_app.builders import Server, ended, job_record

OUTPUTS = {"md": "result-1-1.md", "txt": "result-1-1.txt"}


async def _ended(web: Server, status: JobStatus = JobStatus.COMPLETED, **changes: Any) -> JobRecord:
    record = ended(job_record(outputs=OUTPUTS, **changes), status)
    await web.save(record)
    prefix = layout.job_prefix(ANONYMOUS, record.job_id)
    await web.store.put(prefix + OUTPUTS["md"], "# Überschrift\n".encode())
    await web.store.put(prefix + OUTPUTS["txt"], b"plain\n" * 100_000)
    return record


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.PARTIAL, JobStatus.CANCELLED])
async def test_results(web: Server, status: JobStatus) -> None:
    record = await _ended(web, status)
    default = await web.client.get(f"/api/jobs/{record.job_id}/result")
    assert (default.status_code, default.text) == (200, "# Überschrift\n")
    assert default.headers["content-type"] == "text/markdown; charset=utf-8"
    assert default.headers["content-disposition"].startswith('inline; filename="scan.md"')
    text = await web.client.get(f"/api/jobs/{record.job_id}/result?format=txt")
    assert (text.status_code, text.content) == (200, b"plain\n" * 100_000)
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    head = await web.client.head(f"/api/jobs/{record.job_id}/result?format=txt")
    assert (head.status_code, head.content) == (200, b"")


async def test_an_empty_result_is_a_result(web: Server) -> None:
    record = await _ended(web)
    await web.store.put(layout.job_prefix(ANONYMOUS, record.job_id) + OUTPUTS["md"], b"")
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("format_", ["json", "pdf", "hocr", "alto"])
async def test_a_format_that_was_not_made_says_what_was(web: Server, format_: str) -> None:
    record = await _ended(web)
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result?format={format_}")
    assert (answer.status_code, answer.json()["code"]) == (409, "format_not_available")
    assert answer.json()["detail"] == f"`{format_}` was not made of this job; its outputs are: `txt`, `md`."


async def test_a_format_that_could_not_be_made_says_why(web: Server) -> None:
    record = await _ended(web, outputs_missing={"pdf": "Page 3 was read without boxes."})
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result?format=pdf")
    assert (answer.status_code, answer.json()["code"]) == (409, "format_not_available")
    assert answer.json()["detail"] == "Page 3 was read without boxes."


@pytest.mark.parametrize(
    ("format_", "media_type", "extension"),
    [
        ("json", "application/json", "json"),
        ("pdf", "application/pdf", "pdf"),
        ("hocr", "text/vnd.hocr+html; charset=utf-8", "hocr"),
        ("alto", "application/xml", "alto.xml"),
    ],
)
async def test_every_format_has_its_media_type_and_name(
    web: Server, format_: str, media_type: str, extension: str
) -> None:
    record = ended(job_record(outputs={format_: f"result-1-1.{format_}"}))
    await web.save(record)
    await web.store.put(layout.job_prefix(ANONYMOUS, record.job_id) + f"result-1-1.{format_}", b"content")
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result?format={format_}")
    assert (answer.status_code, answer.content) == (200, b"content")
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"].startswith(f'inline; filename="scan.{extension}"')


@pytest.mark.parametrize("query", ["format=docx", "format=", "format=md&format=txt"])
async def test_formats_that_do_not_exist(web: Server, query: str) -> None:
    record = await _ended(web)
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "option_invalid")


async def test_before_the_end(web: Server) -> None:
    record = job_record()
    web.gateway.show(record)
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result")
    assert (answer.status_code, answer.json()["code"]) == (409, "result_not_ready")


async def test_of_a_failed_job(web: Server) -> None:
    record = await _ended(web, JobStatus.FAILED, error=ErrorInfo("document_damaged", "It is no PDF."))
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_failed")
    assert "It is no PDF." in answer.json()["detail"]


async def test_an_output_that_the_record_does_not_name_is_not_served(web: Server) -> None:
    record = await _ended(web)
    await web.save(replace(record, outputs={"txt": OUTPUTS["txt"]}))
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result")
    assert (answer.status_code, answer.json()["code"]) == (409, "format_not_available")


async def test_an_output_that_is_gone(web: Server) -> None:
    record = await _ended(web)
    await web.store.delete(layout.job_prefix(ANONYMOUS, record.job_id) + OUTPUTS["md"])
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")


async def test_file_names_of_any_kind(web: Server) -> None:
    record = await _ended(web, file_info=FileInfo('Kö"nig\\x.final.pdf', "pdf", 3, "raw/document.pdf", 4))
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result")
    expected = "inline; filename=\"K__nig_x.final.md\"; filename*=UTF-8''K%C3%B6%22nig%5Cx.final.md"
    assert answer.headers["content-disposition"] == expected


async def test_the_archive_has_what_is_stored(web: Server) -> None:
    record = await _ended(web)
    await web.store.put(layout.page_image(layout.job_prefix(ANONYMOUS, record.job_id), 1), b"image")
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result?format=zip")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"].startswith('inline; filename="scan.zip"')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["scan.md", "scan.txt", "images/page_001.png"]
        assert archive.read("scan.md") == "# Überschrift\n".encode()
    head = await web.client.head(f"/api/jobs/{record.job_id}/result?format=zip")
    assert (head.status_code, head.content) == (200, b"")


async def test_an_archive_breaks_off_where_a_blob_has_vanished(web: Server) -> None:
    """Its image is listed, and gone when its turn comes: a deletion came between."""
    record = await _ended(web)
    name = layout.page_image(layout.job_prefix(ANONYMOUS, record.job_id), 1)
    await web.store.put(name, b"image")
    listed = web.store.list

    async def list_then_lose(prefix: str, start: str = "", limit: int = 1000) -> list[BlobInfo]:
        infos = await listed(prefix, start, limit)
        if any(info.name == name for info in infos):
            await web.store.delete(name)
        return infos

    web.store.list = list_then_lose  # type: ignore[method-assign]
    with pytest.raises(BlobNotFound):
        await web.client.get(f"/api/jobs/{record.job_id}/result?format=zip")


async def test_an_archive_is_never_made_of_what_a_deletion_has_left(web: Server) -> None:
    """The record was found before it."""
    record = await _ended(web)
    job, listed = layout.job_prefix(ANONYMOUS, record.job_id), web.store.list

    async def delete_then_list(prefix: str, start: str = "", limit: int = 1000) -> list[BlobInfo]:
        for info in await listed(job):
            await web.store.delete(info.name)
        return await listed(prefix, start, limit)

    web.store.list = delete_then_list  # type: ignore[method-assign]
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result?format=zip")
    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")


async def test_an_archive_of_a_job_that_is_not_ready(web: Server) -> None:
    record = job_record()
    web.gateway.show(record)
    answer = await web.client.get(f"/api/jobs/{record.job_id}/result?format=zip")
    assert (answer.status_code, answer.json()["code"]) == (409, "result_not_ready")
