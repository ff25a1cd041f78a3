"""Single pages: record, text, image, before and after they are read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cluster import layout
from cluster.page_text import Block, BlockKind, Line, decode_result, encode_result
from cluster.record import ErrorInfo, JobRecord, JobStatus, PageRecord, PageStatus
from serve_app.identity import ANONYMOUS
from tests.serve_app.builders import PNG, Server, ended, job_record


@pytest.fixture
async def job(web: Server) -> JobRecord:
    """Page 1 read, 2 being read, 3 failed with an image, 4 skipped, of five of which four are asked for."""
    failed = PageRecord(status=PageStatus.FAILED, image="page_003.png", error=ErrorInfo("engine_failed", "It broke."))
    base = job_record()
    pages = {**base.pages, 3: failed, 4: PageRecord(status=PageStatus.SKIPPED)}
    record = replace(base, pages=pages, options={**base.options, "pages": "1-4"})
    web.gateway.show(record)
    await web.save_result(record.job_id, 1, "Hello, Ünïcode.\n")
    prefix = layout.job_prefix(ANONYMOUS, record.job_id)
    for page in (1, 2, 3):
        await web.store.put(layout.page_image(prefix, page), PNG + bytes([page]) * 600_000)
    return record


async def test_a_page_that_was_read(web: Server, job: JobRecord) -> None:
    answer = await web.client.get(f"/api/jobs/{job.job_id}/pages/1")
    assert answer.status_code == 200
    page = answer.json()
    assert (page["page"], page["status"], page["text"]) == (1, "completed", "Hello, Ünïcode.\n")
    assert page["image"] == "page_001.png"
    text = await web.client.get(f"/api/jobs/{job.job_id}/pages/1/text")
    assert (text.status_code, text.text) == (200, "Hello, Ünïcode.\n")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"


async def test_a_page_that_is_not_read_yet(web: Server, job: JobRecord) -> None:
    page = (await web.client.get(f"/api/jobs/{job.job_id}/pages/2")).json()
    assert (page["status"], page["text"]) == ("processing", None)
    text = await web.client.get(f"/api/jobs/{job.job_id}/pages/2/text")
    assert (text.status_code, text.json()["code"]) == (409, "page_not_ready")


async def test_a_result_counts_before_the_record_tells_of_it(web: Server, job: JobRecord) -> None:
    await web.save_result(job.job_id, 2, "second")
    page = (await web.client.get(f"/api/jobs/{job.job_id}/pages/2")).json()
    assert (page["status"], page["text"], page["result_file"]) == ("completed", "second", "page_002_result.txt")
    assert (page["engine"], page["confidence"], page["attempts"]) == ("null", 0.9, 1)
    assert (await web.client.get(f"/api/jobs/{job.job_id}/pages/2/text")).text == "second"


async def test_a_page_without_a_word_is_read_all_the_same(web: Server, job: JobRecord) -> None:
    await web.save_result(job.job_id, 2, "")
    text = await web.client.get(f"/api/jobs/{job.job_id}/pages/2/text")
    assert (text.status_code, text.text) == (200, "")


async def test_a_failed_page_has_its_record_and_its_image_but_no_text(web: Server, job: JobRecord) -> None:
    page = (await web.client.get(f"/api/jobs/{job.job_id}/pages/3")).json()
    assert (page["status"], page["text"], page["error"]["code"]) == ("failed", None, "engine_failed")
    text = await web.client.get(f"/api/jobs/{job.job_id}/pages/3/text")
    assert (text.status_code, text.json()["code"]) == (409, "page_failed")
    assert "It broke." in text.json()["detail"]
    assert (await web.client.get(f"/api/jobs/{job.job_id}/pages/3/image")).status_code == 200


async def test_what_was_read_with_boxes_as_in_the_whole_result(web: Server, job: JobRecord) -> None:
    line = Line("Hello,", (72.0, 90.0, 140.0, 104.0), 0.9)
    block = Block(BlockKind.PARAGRAPH, line.bbox, (0,), "Hello,", "Hello,")
    name = layout.page_result(layout.job_prefix(ANONYMOUS, job.job_id), 1)
    stored = decode_result((await web.store.read(name)).data)
    read = replace(stored.read, lines=(line,), blocks=(block,), rotation=90)
    await web.store.put(name, encode_result(replace(stored, read=read)))
    answer = await web.client.get(f"/api/jobs/{job.job_id}/pages/1/result")
    assert answer.status_code == 200
    page = answer.json()
    assert (page["page"], page["status"], page["rotation"]) == (1, "completed", 90)
    assert (page["width"], page["image_width"]) == (612, 1275)
    assert page["lines"] == [{"text": "Hello,", "bbox": [72.0, 90.0, 140.0, 104.0], "confidence": 0.9, "quad": None}]
    assert (page["blocks"][0]["kind"], page["blocks"][0]["lines"]) == ("paragraph", [0])


async def test_what_was_read_of_a_page_that_was_not(web: Server, job: JobRecord) -> None:
    url = f"/api/jobs/{job.job_id}/pages"
    failed = await web.client.get(f"{url}/3/result")
    assert failed.json() == {"page": 3, "status": "failed", "error": {"code": "engine_failed", "message": "It broke."}}
    for page in (2, 4):
        answer = await web.client.get(f"{url}/{page}/result")
        assert (answer.status_code, answer.json()["code"]) == (409, "page_not_ready")
    await web.save_result(job.job_id, 2, "ahead of the record")
    assert (await web.client.get(f"{url}/2/result")).json()["text"] == "ahead of the record"


async def test_a_skipped_page(web: Server, job: JobRecord) -> None:
    assert (await web.client.get(f"/api/jobs/{job.job_id}/pages/4")).json()["status"] == "skipped"
    text = await web.client.get(f"/api/jobs/{job.job_id}/pages/4/text")
    assert (text.status_code, text.json()["code"]) == (409, "page_not_ready")


async def test_images_stream(web: Server, job: JobRecord) -> None:
    answer = await web.client.get(f"/api/jobs/{job.job_id}/pages/2/image")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content == PNG + b"\x02" * 600_000
    head = await web.client.head(f"/api/jobs/{job.job_id}/pages/2/image")
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", "image/png")
    assert "content-length" not in head.headers


@pytest.mark.parametrize(("page", "code"), [(2, "page_not_ready"), (3, "page_failed")])
async def test_an_image_that_is_not_there(web: Server, job: JobRecord, page: int, code: str) -> None:
    await web.store.delete(layout.page_image(layout.job_prefix(ANONYMOUS, job.job_id), page))
    answer = await web.client.get(f"/api/jobs/{job.job_id}/pages/{page}/image")
    assert (answer.status_code, answer.json()["code"]) == (409, code)


@pytest.mark.parametrize("page", ["0", "5", "99999", "-1", "x", "1.0", "01", "1" * 30, "١"])
@pytest.mark.parametrize("what", ["", "/text", "/result", "/image"])
async def test_no_such_page(web: Server, job: JobRecord, page: str, what: str) -> None:
    answer = await web.client.get(f"/api/jobs/{job.job_id}/pages/{page}{what}")
    assert (answer.status_code, answer.json()["code"]) == (404, "page_not_found")


async def test_before_the_document_is_opened_asked_pages_are_not_ready(web: Server, job: JobRecord) -> None:
    queued = replace(job, pages={}, status=JobStatus.QUEUED, revision=0)
    web.gateway.show(queued)
    url = f"/api/jobs/{job.job_id}/pages"
    for what in ("", "/text", "/result", "/image"):
        answer = await web.client.get(f"{url}/2{what}")
        assert (answer.status_code, answer.json()["code"]) == (409, "page_not_ready")
        assert (await web.client.get(f"{url}/5{what}")).json()["code"] == "page_not_found"
    web.gateway.show(replace(queued, options={}))
    assert (await web.client.get(f"{url}/5")).json()["code"] == "page_not_ready"
    web.gateway.show(ended(queued, JobStatus.FAILED))
    assert (await web.client.get(f"{url}/2")).json()["code"] == "page_not_found"


async def test_a_damaged_result_is_no_text(web: Server, job: JobRecord) -> None:
    name = layout.page_result(layout.job_prefix(ANONYMOUS, job.job_id), 2)
    await web.store.create(name, b"{}")
    answer = await web.client.get(f"/api/jobs/{job.job_id}/pages/2/text")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert name not in answer.text


async def test_the_stored_result_is_what_the_builder_says(web: Server, job: JobRecord) -> None:
    name = layout.page_result(layout.job_prefix(ANONYMOUS, job.job_id), 1)
    assert decode_result((await web.store.read(name)).data).read.text == "Hello, Ünïcode.\n"
