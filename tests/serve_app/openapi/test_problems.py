"""Errors in the description."""

from __future__ import annotations

from cluster import errors
from serve_app.openapi.problems import job_codes, page_codes, problem_answers, request_codes


def test_an_answer_for_each_status_with_its_codes() -> None:
    answers = problem_answers([errors.JobNotFound, errors.PageNotFound, errors.Overloaded, errors.RecordTooNew])
    assert list(answers) == ["404", "503"]
    schema = answers["404"]["content"]["application/problem+json"]["schema"]
    assert schema["allOf"][1]["properties"]["code"]["enum"] == ["job_not_found", "page_not_found"]
    assert "There is no such job." in answers["404"]["description"]
    assert "Retry-After" in answers["503"]["headers"]
    assert "headers" not in answers["404"]


def test_codes_are_those_of_the_error_tree() -> None:
    assert {"file_missing", "job_not_found", "quota_exceeded", "internal_error", "record_too_new"} <= set(
        request_codes()
    )
    assert {"document_damaged", "file_too_large", "ocr_failed"} <= set(job_codes())
    assert set(page_codes()) == set(errors.PAGE_ERRORS)
    assert not set(page_codes()) & set(request_codes())
