"""The description of jobs: submit, list, status, events, and the orders to a job."""

from __future__ import annotations

from collections.abc import Sequence

from cluster.errors import (
    FileEmpty,
    FileMissing,
    FileTooLarge,
    IdempotencyConflict,
    JobFinished,
    JobNotFinished,
    JobNotFound,
    MediaTypeUnsupported,
    NotFound,
    NothingToRetry,
    OptionInvalid,
    QuotaExceeded,
    TooManyJobs,
    UploadExpired,
    UploadIncomplete,
    UploadNotFound,
)
from cluster.file_type import MEDIA_TYPES
from serve_app.key_claim import MAX_LENGTH
from serve_app.openapi.dataclass_schema import Schema
from serve_app.openapi.operation import (
    JSON,
    TEXT,
    Part,
    answer,
    header,
    operation,
    parameter,
    path_parameter,
    ref,
)
from serve_app.openapi.problems import OF_A_JOB, OF_THE_API
from serve_app.openapi.schemas import SHOWN_STATUSES, option_schemas
from serve_app.query import DEFAULT_LIMIT, MAX_LIMIT, MAX_WAIT_S

JOBS = "jobs"
JOB_ID = path_parameter("job_id", "As the submission answered it.", {"type": "string", "format": "uuid"})
ETAG: Part = {"ETag": header("Names the version of the record: epoch and revision.")}
ABOUT_A_JOB = (*OF_THE_API, *OF_A_JOB, JobNotFound, NotFound)
WAIT: Schema = {"type": "number", "minimum": 0, "maximum": MAX_WAIT_S}
RECORD = {JSON: ref("Job")}


def job_paths(engines: Sequence[str]) -> dict[str, Part]:
    return {
        "/api/jobs": {"post": _submit(engines), "get": _list()},
        "/api/jobs/{job_id}": {"parameters": [JOB_ID], "get": _status("job"), "delete": _delete()},
        "/api/jobs/{job_id}/status": {"parameters": [JOB_ID], "get": _status("status")},
        "/api/jobs/{job_id}/events": {"parameters": [JOB_ID], "get": _events()},
        "/api/jobs/{job_id}/cancel": {"parameters": [JOB_ID], "post": _cancel()},
        "/api/jobs/{job_id}/retry": {"parameters": [JOB_ID], "post": _retry()},
    }


def _submit(engines: Sequence[str]) -> Part:
    raw: Schema = {"type": "string", "format": "binary"}
    content: dict[str, Part] = {
        "multipart/form-data": {"schema": ref("Submission")},
        JSON: {"schema": ref("JsonSubmission")},
        **{kind: {"schema": raw} for kind in (*MEDIA_TYPES.values(), "application/octet-stream")},
    }
    options = [
        parameter("query", name, schema["description"], schema) for name, schema in option_schemas(engines).items()
    ]
    location = {"Location": header("Of the job's status.", {"type": "string", "format": "uri-reference"})}
    return operation(
        "submit",
        JOBS,
        "Submit a document",
        {
            200: answer("The job has ended within `wait`: its finished record.", RECORD, {**ETAG, **location}),
            202: answer("The job is accepted, durably.", RECORD, {**ETAG, **location}),
        },
        description="The document comes as the form's part `file`, with the options as further fields; or as the raw "
        "body, with the options in the query; or as a JSON `source`. Its kind is judged by content, not by name.",
        errors=(
            *OF_THE_API,
            *OF_A_JOB,
            FileMissing,
            FileEmpty,
            OptionInvalid,
            UploadNotFound,
            UploadIncomplete,
            UploadExpired,
            IdempotencyConflict,
            FileTooLarge,
            MediaTypeUnsupported,
            TooManyJobs,
            QuotaExceeded,
        ),
        parameters=[
            parameter("query", "filename", "Of a raw body, for display alone.", TEXT),
            parameter("query", "wait", "Seconds to wait for the job's end.", WAIT),
            *options,
            parameter(
                "header",
                "Idempotency-Key",
                "The same key, document and options give the same job.",
                {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
            ),
        ],
        body={"required": True, "content": content},
    )


def _list() -> Part:
    return operation(
        "listJobs",
        JOBS,
        "List one's jobs, newest first",
        {
            200: answer(
                "A page of jobs; fewer than `limit` with a token where filters let few through.", {JSON: ref("JobList")}
            )
        },
        errors=(*OF_THE_API, OptionInvalid),
        parameters=[
            parameter("query", "status", "Only jobs of this status.", {"type": "string", "enum": SHOWN_STATUSES}),
            parameter("query", "session_id", "Only jobs of this session.", TEXT),
            parameter(
                "query",
                "limit",
                "Most jobs of one answer.",
                {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            ),
            parameter("query", "page_token", "As `next_page_token` of the page before.", TEXT),
        ],
    )


def _status(name: str) -> Part:
    return operation(
        name,
        JOBS,
        "The job's record as last stored",
        {
            200: answer("The whole record.", RECORD, ETAG),
            304: answer("It is still the version that `If-None-Match` names.", headers=ETAG),
        },
        errors=(*ABOUT_A_JOB, OptionInvalid),
        parameters=[
            parameter("query", "wait", "With If-None-Match: seconds to wait for another version.", WAIT),
            parameter("header", "If-None-Match", "The ETag of the version that is known.", TEXT),
        ],
    )


def _events() -> Part:
    return operation(
        "events",
        JOBS,
        "Follow the job as Server-Sent Events",
        {
            200: answer(
                "`status` (the record without pages), `page` (a PageEvent), at the end `done`.",
                {"text/event-stream": ref("Event")},
            )
        },
        description="Each event's `id` names the run and the pages delivered so far; sent back as `Last-Event-ID` it "
        "resumes exactly. Without it, pages already done come first. A comment line keeps the connection.",
        errors=(*ABOUT_A_JOB, OptionInvalid),
        parameters=[parameter("header", "Last-Event-ID", "The id of the last event received, as `1:1-3,7`.", TEXT)],
    )


def _cancel() -> Part:
    return operation(
        "cancel",
        JOBS,
        "Cancel the job",
        {202: answer("The cancellation is stored; pages that were read stay.", RECORD, ETAG)},
        errors=(*ABOUT_A_JOB, JobFinished),
    )


def _retry() -> Part:
    return operation(
        "retry",
        JOBS,
        "Read failed and skipped pages once more",
        {202: answer("The job is in its next run.", RECORD, ETAG)},
        errors=(*ABOUT_A_JOB, OptionInvalid, JobNotFinished, NothingToRetry, FileTooLarge),
        body={"required": False, "content": {JSON: {"schema": ref("Retry")}}},
    )


def _delete() -> Part:
    return operation(
        "delete",
        JOBS,
        "Delete the job and all that is stored of it",
        {204: answer("The deletion is durable: nobody finds the job any more.")},
        errors=ABOUT_A_JOB,
    )
