from __future__ import annotations

from dataclasses import FrozenInstanceError

import orjson
import pytest

import cluster.record
from cluster.record import encode
from cluster.settings import load_settings
from gnosis_ocr import records
from gnosis_ocr.records import ErrorInfo, Job, JobStatus, Page, PageStatus, PageText, ServerInfo
from serve_app.figures import Figures
from serve_app.info import server_info
from tests.serve_app.canned_server import COMPLETED, FAILED, JOB_ID, PARTIAL, QUEUED


def test_reads_what_the_server_writes() -> None:
    job = Job.read(orjson.loads(encode(PARTIAL)))
    assert (job.job_id, job.status, job.percent, job.run) == (JOB_ID, JobStatus.PARTIAL, 100, 1)
    assert (job.current_step, job.message) == ("completed", "Waiting.")
    assert (job.file_info.filename, job.file_info.file_type, job.file_info.file_size) == ("scan.pdf", "pdf", 12)
    assert [page.status for page in job.pages.values()] == [PageStatus.COMPLETED, PageStatus.FAILED]
    assert job.pages[2].error == ErrorInfo("render_failed", "The page could not be rendered.")
    assert (job.pages_extracted, job.pages_completed, job.pages_failed) == (2, 1, 1)
    assert job.outputs == {"md": "result-1-1.md", "txt": "result-1-1.txt"}
    assert (job.terminal, job.etag) == (True, PARTIAL.etag)
    assert job.raw["user_email"] == job.user_email == "anonymous@gnosis-ocr.local"
    assert Job.read(orjson.loads(encode(FAILED))).error == ErrorInfo(
        "document_encrypted", "The document is encrypted; send its `password`."
    )
    assert not Job.read(orjson.loads(encode(QUEUED))).terminal


def test_what_a_later_server_adds_is_no_trouble() -> None:
    told = orjson.loads(encode(COMPLETED)) | {"status": "resting", "mood": "good"}
    told["pages"]["1"] |= {"status": "dreaming", "colour": "blue"}
    job = Job.read(told)
    assert (job.status, job.terminal, job.raw["mood"]) == (JobStatus.UNKNOWN, False, "good")
    assert (job.pages[1].status, job.pages[1].ended, job.pages[1].raw["colour"]) == (PageStatus.UNKNOWN, False, "blue")


def test_what_an_earlier_server_lacks_is_no_trouble() -> None:
    job = Job.read({"job_id": "j", "status": "queued"})
    assert (job.percent, job.pages, job.run, job.outputs_missing) == (0, {}, 1, {})


def test_knows_every_status_of_the_server() -> None:
    kept_to_itself = {"deleting", "deleted"}
    assert {str(each) for each in JobStatus} - {"unknown"} == {
        str(s) for s in cluster.record.JobStatus
    } - kept_to_itself
    assert {str(each) for each in PageStatus} - {"unknown"} == {str(s) for s in cluster.record.PageStatus}
    assert {str(each) for each in records.TERMINAL} == {str(s) for s in cluster.record.TERMINAL}


def test_records_are_frozen_and_equal_by_what_they_say() -> None:
    told = orjson.loads(encode(COMPLETED))
    job = Job.read(told)
    assert job == Job.read(told | {"further": 1})
    with pytest.raises(FrozenInstanceError):
        job.percent = 3  # type: ignore[misc]
    assert "raw" not in repr(job)


@pytest.mark.parametrize("told", [{}, {"job_id": "j"}, {"job_id": "j", "status": "queued", "percent": "many"}])
def test_what_is_no_job(told: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        Job.read(told)


def test_a_page_and_its_text() -> None:
    page = Page.read(3, {"status": "completed", "confidence": 0.9, "rotation": 90, "engine": "null", "attempts": 2})
    assert (page.number, page.ended, page.confidence, page.rotation) == (3, True, 0.9, 90)
    assert (page.engine, page.attempts, page.source) == ("null", 2, None)
    failed = PageText.read({"page": 2, "status": "failed", "text": None, "error": {"code": "c", "message": "m"}})
    assert failed == PageText(2, PageStatus.FAILED, None, ErrorInfo("c", "m"))


def test_reads_what_the_server_says_of_itself() -> None:
    told = server_info(load_settings(store="memory://", max_direct_upload_mb=3), "1.2.3", Figures())
    info = ServerInfo.read(orjson.loads(orjson.dumps(told)))
    assert (info.version, info.engines, info.direct_upload_bytes) == ("1.2.3", ("rapidocr",), 3 << 20)
    assert info.upload_bytes == told.limits.upload_bytes
    assert "zip" in info.formats
    assert "languages" in info.options
    assert "events" in info.features
    assert info.raw["limits"]["pages"] == 5000
