"""The whole description, an OpenAPI 3.1 document as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from serve_app.openapi.job_paths import job_paths
from serve_app.openapi.operation import header
from serve_app.openapi.result_paths import result_paths
from serve_app.openapi.schemas import schemas
from serve_app.openapi.server_paths import server_paths
from serve_app.openapi.upload_paths import upload_paths

TAGS = {
    "jobs": "Submit a document, see how far it is, cancel, retry and delete.",
    "results": "What was read.",
    "uploads": "Resumable uploads, for documents that are large or come over a bad line.",
    "server": "How the server is.",
}
DESCRIPTION = """Send a PDF or an image, get its text back page by page.

An accepted job is durable: it runs to its end, whatever dies meanwhile. Errors are `application/problem+json`, with a
stable `code` and a `detail` that says what to do. Later versions may add fields and codes, never rename one.
"""


def openapi_document(engines: Sequence[str], version: str) -> dict[str, Any]:
    """engines: those that a submission may name, the default first. version: of this server."""
    bearer = {"type": "http", "scheme": "bearer", "description": "An API key. Without configured keys none is needed."}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gnosis-ocr",
            "version": version,
            "description": DESCRIPTION,
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}, {}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": {**job_paths(engines), **result_paths(), **upload_paths(), **server_paths()},
        "components": {
            "schemas": schemas(engines),
            "headers": {"RequestId": header("The client's own where it sent one, else a fresh one.")},
            "securitySchemes": {"key": bearer},
        },
    }
