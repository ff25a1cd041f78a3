"""The error tree: stable codes, a default message each, and whole on the far side of a process boundary."""

from __future__ import annotations

import pickle

import pytest

from cluster import errors
from cluster.errors import PAGE_ERRORS, ClientError, DocumentError, GnosisError, PageError, RequestError, Retry

CODES_BY_STATUS = {
    400: {"file_missing", "file_empty", "option_invalid", "body_malformed"},
    401: {"unauthorized"},
    404: {"job_not_found", "page_not_found", "upload_not_found", "not_found"},
    405: {"method_not_allowed"},
    409: {
        *("result_not_ready", "page_not_ready", "page_failed", "job_failed", "job_finished", "job_not_finished"),
        *("nothing_to_retry", "idempotency_conflict", "upload_offset_mismatch", "upload_incomplete"),
        "format_not_available",
    },
    410: {"upload_expired"},
    412: {"tus_version_unsupported"},
    413: {"file_too_large"},
    415: {"media_type_unsupported"},
    429: {"too_many_jobs", "rate_limited", "quota_exceeded"},
    503: {"overloaded", "storage_unavailable"},
}
DOCUMENT_CODES = {
    *("document_damaged", "document_encrypted", "password_wrong", "too_many_pages", "page_range_invalid"),
    *("source_not_found", "source_forbidden", "file_too_large", "media_type_unsupported", "record_damaged"),
    *("record_too_new", "recovery_failed", "ocr_failed"),
}
PAGE_CODES = {
    *("page_too_large", "render_failed", "render_timeout", "render_crashed", "engine_out_of_memory"),
    *("engine_failed", "engine_timeout", "engine_crashed"),
}


def below(root: type[GnosisError]) -> list[type[GnosisError]]:
    """Every class of the tree under ``root`` that cluster/errors.py defines."""
    found = [cls for cls in root.__subclasses__() if cls.__module__ == errors.__name__]
    return found + [deeper for cls in found for deeper in below(cls)]


EVERY: list[type[GnosisError]] = [GnosisError, *below(GnosisError)]
CLUSTERS = [cls for cls in EVERY if not issubclass(cls, ClientError)]
"""Those that the cluster's own processes raise; a client's errors live and end in one command."""


def test_request_errors_are_those_of_the_http_contract() -> None:
    by_status: dict[int, set[str]] = {}
    for cls in below(RequestError):
        if "code" in cls.__dict__:
            assert issubclass(cls, RequestError)
            by_status.setdefault(cls.status, set()).add(cls.code)
    assert by_status == CODES_BY_STATUS


def test_document_and_page_errors_are_those_of_the_http_contract() -> None:
    assert {cls.code for cls in below(DocumentError)} == DOCUMENT_CODES
    assert {cls.code for cls in below(PageError)} == PAGE_CODES
    assert set(PAGE_ERRORS) == PAGE_CODES


def test_a_code_belongs_to_one_class() -> None:
    roots: tuple[type[GnosisError], ...] = (RequestError, DocumentError, PageError)
    for root in roots:
        codes = [cls.code for cls in below(root) if "code" in cls.__dict__]
        assert len(codes) == len(set(codes))


@pytest.mark.parametrize("cls", CLUSTERS)
def test_the_docstring_is_the_default_message(cls: type[GnosisError]) -> None:
    assert cls().detail == str(cls()) == (cls.__doc__ or "").strip()
    assert cls().detail.endswith((".", "`."))
    assert cls("Just so.").detail == "Just so."


@pytest.mark.parametrize("cls", CLUSTERS)
def test_an_error_is_whole_after_a_process_boundary(cls: type[GnosisError]) -> None:
    there = pickle.loads(pickle.dumps(cls("Just so.")))
    assert (type(there), there.detail, str(there)) == (cls, "Just so.", "Just so.")


def test_what_an_error_carries_crosses_with_it() -> None:
    there = pickle.loads(pickle.dumps(errors.Overloaded(retry_after_s=7)))
    assert there.retry_after_s == 7


def test_who_dies_is_tried_alone_and_bad_pages_are_not_tried_again() -> None:
    ways = {code: cls.retry for code, cls in PAGE_ERRORS.items()}
    assert ways["engine_crashed"] is ways["render_crashed"] is Retry.DEATH
    assert ways["engine_out_of_memory"] is Retry.ALONE
    assert ways["page_too_large"] is ways["render_failed"] is Retry.NEVER
    assert ways["engine_failed"] is Retry.AGAIN


def test_every_class_stands_in_the_drawing_or_under_a_summary_line() -> None:
    drawing = errors.__doc__ or ""
    summed_up = {*below(RequestError), *below(DocumentError), *below(PageError)}
    assert [cls.__name__ for cls in EVERY if cls not in summed_up and cls.__name__ not in drawing] == []
