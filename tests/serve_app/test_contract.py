"""What is described and what is answered, held against each other by schemathesis, in process."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema

from benchmarks.contract_check import Run, runs, statuses
from serve_app.openapi.document import openapi_document
from tests.serve_app.builders import Server
from tests.serve_app.obedient_host import obedient_server
from tests.serve_app.standing_jobs import UNENDED, put_standing_jobs

EXAMPLES = 16
RUNS = list(runs(openapi_document(("null",), "1")))


@pytest.fixture(scope="module")
def web() -> Server:
    return obedient_server(max_direct_upload_mb=1)


@pytest.fixture(scope="module")
def schema(web: Server) -> BaseSchema:
    """The description as it is served."""
    return schemathesis.openapi.from_asgi("/openapi.json", web.app)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.method} {run.path} {run.mode.value}")
def test_answers_are_as_described(web: Server, schema: BaseSchema, run: Run) -> None:
    jobs = asyncio.run(put_standing_jobs(web))
    if run.path.endswith("/events"):
        jobs = jobs[UNENDED:]  # the events of the others have no end either
    known: dict[str, list[Any]] = {
        "job_id": jobs,
        "page": [1, 2, 9],
        "file": ["docs.css", "nothing"],
    }
    seen = statuses(schema, run, known, EXAMPLES)
    if run.mode is GenerationMode.POSITIVE and "upload_id" not in run.path:
        assert any(status < 400 for status in seen), "it is described how one comes to an answer, too"
