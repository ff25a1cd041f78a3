"""The description of what a job has read: its result, and its single pages."""

from __future__ import annotations

from cluster.errors import (
    FormatNotAvailable,
    JobFailed,
    OptionInvalid,
    PageFailed,
    PageNotFound,
    PageNotReady,
    ResultNotReady,
)
from serve_app.openapi.dataclass_schema import Schema
from serve_app.openapi.job_paths import ABOUT_A_JOB, JOB_ID
from serve_app.openapi.operation import JSON, TEXT, Part, answer, header, operation, parameter, path_parameter, ref
from serve_app.routes.results import ARCHIVE, DEFAULT_FORMAT, MEDIA_TYPES

RESULTS = "results"
BINARY: Schema = {"type": "string", "format": "binary"}
PAGE = path_parameter("page", "Counted from 1.", {"type": "integer", "minimum": 1})
DISPOSITION: Part = {"Content-Disposition": header("A file name to save it under.")}
ABOUT_A_PAGE = (*ABOUT_A_JOB, PageNotFound, PageNotReady)


def result_paths() -> dict[str, Part]:
    page = [JOB_ID, PAGE]
    return {
        "/api/jobs/{job_id}/result": {"parameters": [JOB_ID], "get": _result()},
        "/api/jobs/{job_id}/pages/{page}": {"parameters": page, "get": _page()},
        "/api/jobs/{job_id}/pages/{page}/text": {"parameters": page, "get": _text()},
        "/api/jobs/{job_id}/pages/{page}/result": {"parameters": page, "get": _page_result()},
        "/api/jobs/{job_id}/pages/{page}/image": {"parameters": page, "get": _image()},
    }


def _result() -> Part:
    formats: Schema = {"type": "string", "enum": list(MEDIA_TYPES), "default": DEFAULT_FORMAT}
    kinds: dict[str, Schema] = {kind.partition(";")[0]: TEXT for kind in MEDIA_TYPES.values()}
    kinds |= {JSON: ref("Result")} | {MEDIA_TYPES[name]: BINARY for name in ("pdf", ARCHIVE)}
    return operation(
        "result",
        RESULTS,
        "The text of the whole job",
        {200: answer("What was read, pages in order.", kinds, DISPOSITION)},
        errors=(*ABOUT_A_JOB, OptionInvalid, ResultNotReady, JobFailed, FormatNotAvailable),
        parameters=[parameter("query", "format", "`pdf` is searchable; `zip` is all of them, with images.", formats)],
    )


def _page() -> Part:
    return operation(
        "page",
        RESULTS,
        "A page's record, with its text",
        {200: answer("The page.", {JSON: ref("PageView")})},
        errors=ABOUT_A_PAGE,
    )


def _text() -> Part:
    return operation(
        "pageText",
        RESULTS,
        "A page's text",
        {200: answer("The text.", {"text/plain": TEXT})},
        errors=(*ABOUT_A_PAGE, PageFailed),
    )


def _page_result() -> Part:
    return operation(
        "pageResult",
        RESULTS,
        "What was read on a page, with boxes",
        {200: answer("The page as it stands in the format `json`.", {JSON: ref("ResultPage")})},
        description="There as soon as the page is read, long before the whole job's result.",
        errors=ABOUT_A_PAGE,
    )


def _image() -> Part:
    return operation(
        "pageImage",
        RESULTS,
        "A page as it was read",
        {200: answer("The page image.", {"image/png": BINARY}, DISPOSITION)},
        description="The image of a page whose embedded text was taken is made at the first request.",
        errors=(*ABOUT_A_PAGE, PageFailed),
    )
