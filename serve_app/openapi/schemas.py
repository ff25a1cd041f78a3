"""The schemas of what is sent and answered, by name."""

from __future__ import annotations

from collections.abc import Sequence

from cluster.options import DPI_RANGE, LAYOUTS, MODES, NOT_BUILT, PRIORITIES, JobOptions
from cluster.record import ErrorInfo, FileInfo, JobRecord, JobStatus, PageRecord, PageStatus, Step
from serve_app.info import Info
from serve_app.metrics_summary import MetricsSummary
from serve_app.openapi.dataclass_schema import PAGE_NUMBER, Schema, object_schema
from serve_app.openapi.operation import TEXT, ref
from serve_app.openapi.problems import job_codes, page_codes, problem_schema
from serve_app.openapi.result_schema import result_schemas

SHOWN_STATUSES = [status.value for status in JobStatus if status not in (JobStatus.DELETING, JobStatus.DELETED)]
"""What a job's status may be: one that is being deleted is not found."""

TIME: Schema = {"type": "string", "format": "date-time"}
NULL: Schema = {"type": "null"}
PAGE_RANGE: Schema = {"type": "string", "examples": ["1-3,7"]}


_MODE = "`auto`: a page's embedded text where it is good, else OCR; `ocr`: always OCR; `text`: never."


def option_schemas(engines: Sequence[str]) -> dict[str, Schema]:
    """What a client may send, by option. engines: those that may be named, the default first."""
    low, high = DPI_RANGE
    known: dict[str, Schema] = {
        "mode": {"type": "string", "enum": list(MODES), "default": MODES[0], "description": _MODE},
        "pages": {**PAGE_RANGE, "description": "Pages and ranges in rising order; all where it is left out."},
        "engine": {"type": "string", "enum": list(engines), "default": engines[0], "description": "Who reads them."},
        "dpi": {
            "type": "integer",
            "minimum": low,
            "maximum": high,
            "default": JobOptions().dpi,
            "description": "Of page images.",
        },
        "languages": {
            **TEXT,
            "examples": ["de,fr"],
            "description": "What the document is written in; refused where the engine says that it reads none of them.",
        },
        "layout": {
            "type": "string",
            "enum": list(LAYOUTS),
            "default": LAYOUTS[0],
            "description": "`plain` leaves the layout step out: quicker, columns and paragraphs by white space alone.",
        },
        "password": {"type": "string", "maxLength": 1024, "description": "Of an encrypted PDF; never in the record."},
        "priority": {
            "type": "string",
            "enum": list(PRIORITIES),
            "default": PRIORITIES[0],
            "description": "Pages of `bulk` jobs wait for others.",
        },
        "session_id": {
            "type": "string",
            "maxLength": 200,
            "description": "The client's own grouping; else the job id.",
        },
        "callback_url": {"type": "string", "format": "uri", "description": "The finished record is posted there."},
    }
    return {name: schema for name, schema in known.items() if name not in NOT_BUILT}


def schemas(engines: Sequence[str]) -> dict[str, Schema]:
    options = option_schemas(engines)
    return {
        "Problem": problem_schema(),
        "Job": _job(),
        "JobSummary": {**_job(leave_out=("pages",)), "description": "A job's record without its pages."},
        "JobList": _job_list(),
        "FileInfo": object_schema(FileInfo),
        "JobError": _error("Why the job failed.", job_codes()),
        "PageError": _error("Why the page could not be read.", page_codes()),
        "Page": _page(),
        "PageView": _page_view(),
        "StoredOptions": _stored_options(options),
        "Options": {"type": "object", "properties": options, "additionalProperties": False},
        "Submission": _submission(options),
        "JsonSubmission": _json_submission(),
        "Event": _event(),
        "PageEvent": _page_event(),
        "Retry": _retry(options),
        "Info": object_schema(Info, complete=True),
        "MetricsSummary": object_schema(MetricsSummary, complete=True),
        "Readiness": _readiness(),
        **result_schemas(),
    }


def _job(leave_out: Sequence[str] = ()) -> Schema:
    instead: dict[str, Schema] = {
        "status": {"type": "string", "enum": SHOWN_STATUSES},
        "current_step": {"type": "string", "enum": [step.value for step in Step]},
        "percent": {"type": "integer", "minimum": 0, "maximum": 100},
        "file_info": ref("FileInfo"),
        "created_at": TIME,
        "updated_at": TIME,
        "pages": {"type": "object", "propertyNames": PAGE_NUMBER, "additionalProperties": ref("Page")},
        "options": ref("StoredOptions"),
        "outputs": {"type": "object", "additionalProperties": TEXT},
        "outputs_missing": {"type": "object", "additionalProperties": TEXT},
        "error": {"anyOf": [ref("JobError"), NULL]},
    }
    notes = {
        "session_id": "The client's own grouping.",
        "owner": "The host that runs the job now; empty where none does.",
        "epoch": "How many hosts have taken the job up so far.",
        "revision": "Counts the versions of this record.",
        "run": "1, and one more for every retry.",
        "recoveries": "Times in a row that the job's host was lost.",
    }
    schema = object_schema(JobRecord, leave_out=leave_out, instead=instead, notes=notes)
    return {**schema, "description": "A job's record as last stored."}


def _job_list() -> Schema:
    return {
        "type": "object",
        "properties": {
            "jobs": {"type": "array", "items": ref("JobSummary")},
            "next_page_token": {"type": ["string", "null"], "description": "null at the end of the list."},
        },
        "required": ["jobs", "next_page_token"],
    }


def _error(description: str, codes: list[str]) -> Schema:
    schema = object_schema(ErrorInfo, instead={"code": {"type": "string", "examples": codes}}, complete=True)
    return {**schema, "description": f"{description} Codes: {', '.join(f'`{code}`' for code in codes)}."}


def _page() -> Schema:
    instead: dict[str, Schema] = {
        "status": {"type": "string", "enum": [status.value for status in PageStatus]},
        "error": {"anyOf": [ref("PageError"), NULL]},
    }
    return object_schema(PageRecord, instead=instead)


def _page_view() -> Schema:
    own = {
        "type": "object",
        "properties": {
            "page": {"type": "integer", "minimum": 1},
            "text": {"type": ["string", "null"], "description": "null where the page has not been read."},
        },
        "required": ["page", "text"],
    }
    return {"allOf": [ref("Page"), own]}


def _stored_options(options: dict[str, Schema]) -> Schema:
    names = [name for name in options if name != "password"]
    return {
        "type": "object",
        "description": "The options as checked; null where one was left out.",
        "properties": {name: {"type": ["string", "integer", "null"]} for name in names},
    }


def _submission(options: dict[str, Schema]) -> Schema:
    document: Schema = {"type": "string", "format": "binary", "description": "PDF, PNG, JPEG, TIFF, WebP or BMP."}
    return {"type": "object", "properties": {"file": document, **options}, "required": ["file"]}


def _json_submission() -> Schema:
    uri = {"type": "object", "properties": {"uri": {**TEXT, "examples": ["gs://bucket/name.pdf"]}}, "required": ["uri"]}
    upload = {"type": "object", "properties": {"upload_id": TEXT}, "required": ["upload_id"]}
    return {
        "type": "object",
        "properties": {"source": {"oneOf": [uri, upload]}, "options": ref("Options")},
        "required": ["source"],
    }


def _event() -> Schema:
    """One event of the stream, by its lines."""
    return {
        "type": "object",
        "properties": {
            "event": {"type": "string", "enum": ["status", "page", "done"]},
            "id": {**TEXT, "description": "The run and the pages delivered so far, as `1:1-3,7`."},
            "data": {
                **TEXT,
                "description": "JSON: of `status` a JobSummary, of `page` a PageEvent, of `done` "
                "the job's `job_id`, `status` and `run`.",
            },
        },
        "required": ["event", "data"],
    }


def _page_event() -> Schema:
    return {
        "type": "object",
        "properties": {
            "page": {"type": "integer", "minimum": 1},
            "status": {"type": "string", "enum": [status.value for status in PageStatus]},
            "text": {"type": ["string", "null"]},
            "error": {
                "anyOf": [ref("PageError"), NULL],
                "description": "Of a page that was not read; absent where it was.",
            },
        },
        "required": ["page", "status"],
    }


def _retry(options: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": {"password": {"anyOf": [options["password"], NULL]}},
        "additionalProperties": False,
    }


def _readiness() -> Schema:
    return {
        "type": "object",
        "properties": {
            "status": {"type": "string", "enum": ["ready", "not ready"]},
            "missing": {"type": "array", "items": TEXT},
            "version": TEXT,
        },
        "required": ["status", "missing", "version"],
    }
