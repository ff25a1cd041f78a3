from __future__ import annotations

import json
from functools import partial

import pytest
from typer.testing import CliRunner, Result

from cluster.record import JobRecord, encode
from gnosis_ocr import AsyncClient
from serve_app.command import app
from tests.ports import free_port
from tests.serve_app.canned_server import (
    COMPLETED,
    EXTRACTING,
    FAILED,
    JOB_ID,
    PARTIAL,
    PROCESSING,
    QUEUED,
    CannedServer,
    serving,
)


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GNOSIS_URL", raising=False)


def status(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["status", *arguments], catch_exceptions=False)


def test_summary_of_a_running_job() -> None:
    with serving(CannedServer([PROCESSING])) as canned:
        result = status(JOB_ID, "--url", canned.url)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"Job       {JOB_ID}",
        "Document  scan.pdf (12 bytes)",
        "Status    processing, queued, 65 %",
        "Message   Waiting.",
        "Updated   2026-01-01T00:00:00.000000Z",
        "Pages     2 of the document's 0: 1 extracted, 1 read, 0 failed",
    ]


def test_summary_of_an_ended_job() -> None:
    with serving(CannedServer([PARTIAL])) as canned:
        lines = status(JOB_ID, "--url", canned.url).stdout.splitlines()
    assert "Failed    2 (render_failed)" in lines
    assert lines[-1] == "Outputs   md, txt"


def test_summary_of_a_failed_job_tells_its_error() -> None:
    with serving(CannedServer([FAILED])) as canned:
        result = status(JOB_ID, "--url", canned.url)
    assert result.exit_code == 0
    assert "Error     document_encrypted: The document is encrypted; send its `password`." in result.stdout


def test_json_is_the_record_as_it_is() -> None:
    with serving(CannedServer([PROCESSING])) as canned:
        result = status(JOB_ID, "--url", canned.url, "--json")
    assert json.loads(result.stdout) == json.loads(encode(PROCESSING))


def test_json_of_a_job_that_is_watched_is_a_line_for_each_version() -> None:
    with serving(CannedServer([QUEUED, EXTRACTING, COMPLETED])) as canned:
        result = status(JOB_ID, "--url", canned.url, "--json", "--watch")
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert told == [json.loads(encode(each)) for each in (QUEUED, EXTRACTING, COMPLETED)]


@pytest.mark.parametrize(("end", "code"), [(COMPLETED, 0), (PARTIAL, 3), (FAILED, 1)])
def test_watch_follows_to_the_end(end: JobRecord, code: int) -> None:
    versions = [QUEUED, EXTRACTING, end]
    with serving(CannedServer(versions)) as canned:
        result = status(JOB_ID, "--url", canned.url, "--watch")
    assert result.exit_code == code
    assert result.stdout.splitlines()[:3] == [
        "queued 0 %",
        "extracting 25 %: 1 of 2 pages extracted, 0 read",
        f"Job       {JOB_ID}",
    ]


def test_an_unknown_job_is_1() -> None:
    with serving(CannedServer()) as canned:
        result = status("nothing", "--url", canned.url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "gnosis-ocr: job_not_found: There is no such job.\n"


def test_no_server_is_4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve_app.client_calls.AsyncClient", partial(AsyncClient, sleep=_no_sleep))
    result = status(JOB_ID, "--url", f"http://127.0.0.1:{free_port()}")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "does not answer" in result.stderr


async def _no_sleep(seconds: float) -> None:
    return None


def test_the_key_of_the_environment_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GNOSIS_API_KEY", " gnosis_x\n")
    with serving(CannedServer([PROCESSING])) as canned:
        assert status(JOB_ID, "--url", canned.url).exit_code == 0
    assert [headers.get("authorization") for headers in canned.headers] == ["Bearer gnosis_x"]
