"""The description of resumable uploads, which speak tus 1.0."""

from __future__ import annotations

from cluster.errors import (
    FileEmpty,
    FileTooLarge,
    MediaTypeUnsupported,
    NotFound,
    OptionInvalid,
    RecordDamaged,
    TusVersionUnsupported,
    UploadExpired,
    UploadNotFound,
    UploadOffsetMismatch,
)
from serve_app.openapi.dataclass_schema import Schema
from serve_app.openapi.operation import TEXT, Part, answer, header, operation, parameter, path_parameter
from serve_app.openapi.problems import OF_THE_API

UPLOADS = "uploads"
OF_AN_UPLOAD = (*OF_THE_API, OptionInvalid, TusVersionUnsupported)
ABOUT_AN_UPLOAD = (*OF_AN_UPLOAD, UploadNotFound, NotFound, UploadExpired, RecordDamaged)
BYTES: Schema = {"type": "integer", "minimum": 0}
UPLOAD_ID = path_parameter("upload_id", "The last part of the upload's Location.", TEXT)
VERSION = parameter("header", "Tus-Resumable", "The protocol's version.", {"const": "1.0.0"}, required=True)
SPOKEN: Part = {"Tus-Resumable": header("The protocol's version.", {"const": "1.0.0"})}
EXPIRES: Part = {"Upload-Expires": header("When the upload goes if it is not finished and used.", required=False)}
OFFSET: Part = {"Upload-Offset": header("Bytes stored so far.", BYTES)}
CHUNK: Part = {"application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def upload_paths() -> dict[str, Part]:
    return {
        "/api/uploads": {"options": _options("uploadOptions"), "post": _create()},
        "/api/uploads/{upload_id}": {
            "parameters": [UPLOAD_ID],
            "options": _options("oneUploadOptions"),
            "head": _ask(),
            "patch": _append(),
            "delete": _terminate(),
        },
    }


def _options(name: str) -> Part:
    told = {
        **SPOKEN,
        "Tus-Version": header("Versions that the server speaks."),
        "Tus-Extension": header(
            "Extensions that it has.", {"type": "string", "examples": ["creation,termination,expiration"]}
        ),
        "Tus-Max-Size": header("Most bytes of an upload.", BYTES),
    }
    return operation(
        name, UPLOADS, "What the server can do", {204: answer("Its headers tell.", headers=told)}, public=True
    )


def _create() -> Part:
    location = {"Location": header("Of the upload.", {"type": "string", "format": "uri-reference"})}
    return operation(
        "createUpload",
        UPLOADS,
        "Begin an upload",
        {201: answer("The upload stands, empty or with the body's bytes.", headers={**location, **SPOKEN, **EXPIRES})},
        description='A finished upload is submitted by its id: `{"source": {"upload_id": …}}`.',
        errors=(*OF_AN_UPLOAD, FileEmpty, FileTooLarge, MediaTypeUnsupported),
        parameters=[
            VERSION,
            parameter("header", "Upload-Length", "Bytes of the whole document.", BYTES, required=True),
            parameter("header", "Upload-Metadata", "Comma-separated names, each with its value in base64.", TEXT),
        ],
        body={"required": False, "content": CHUNK},
    )


def _ask() -> Part:
    told = {**SPOKEN, **OFFSET, **EXPIRES, "Upload-Length": header("Bytes of the whole document.", BYTES)}
    return operation(
        "uploadOffset",
        UPLOADS,
        "How far the upload is",
        {200: answer("Its headers tell.", headers=told)},
        errors=ABOUT_AN_UPLOAD,
        parameters=[VERSION],
    )


def _append() -> Part:
    return operation(
        "continueUpload",
        UPLOADS,
        "Send the next bytes",
        {204: answer("They are stored.", headers={**SPOKEN, **OFFSET, **EXPIRES})},
        description="Chunks of 8 MB are advised; where one breaks off, what has arrived of it is kept by parts.",
        errors=(*ABOUT_AN_UPLOAD, UploadOffsetMismatch, FileTooLarge, MediaTypeUnsupported),
        parameters=[VERSION, parameter("header", "Upload-Offset", "Where the bytes begin.", BYTES, required=True)],
        body={"required": True, "content": CHUNK},
    )


def _terminate() -> Part:
    return operation(
        "terminateUpload",
        UPLOADS,
        "Remove the upload",
        {204: answer("It is gone.", headers=SPOKEN)},
        errors=ABOUT_AN_UPLOAD,
        parameters=[VERSION],
    )
