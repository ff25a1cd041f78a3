from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from starlette.responses import Response
from typer.testing import CliRunner, Result

from cluster.errors import StartupError
from cluster.record import ErrorInfo, JobStatus, PageRecord, PageStatus
from cluster.settings import Settings
from gnosis_ocr import AsyncClient
from gnosis_ocr.exchange import PAUSES_S
from serve_app import server as server_module
from serve_app.command import app
from serve_app.server import Server
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
    problem,
    serving,
)

VERSIONS = [QUEUED, EXTRACTING, PROCESSING, COMPLETED]


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GNOSIS_URL", "RAY_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GNOSIS_PORT", str(free_port()))


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"%PDF-1.7 ...")
    return path


def read(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["read", *map(str, arguments)], catch_exceptions=False)


def test_prints_the_text_and_nothing_else(document: Path) -> None:
    with serving(CannedServer(VERSIONS)) as canned:
        result = read(document, "--url", canned.url)
    assert result.exit_code == 0
    assert result.stdout_bytes == b"# Page 1\n"
    assert result.stderr == f"gnosis-ocr: job {JOB_ID}\n"
    status = f"GET /api/jobs/{JOB_ID}/status"
    waits = [f"{status}?wait=20"] * 3
    assert canned.asked == ["POST /api/jobs", status, *waits, f"GET /api/jobs/{JOB_ID}/result?format=md"]
    assert [headers.get("if-none-match") for headers in canned.headers[2:5]] == [each.etag for each in VERSIONS[:3]]


def test_sends_the_document_and_the_options(document: Path) -> None:
    options = ["--pages", "1-2", "--mode", "ocr", "--dpi", "200", "--password", "secret", "--format", "txt"]
    with serving(CannedServer([COMPLETED])) as canned:
        result = read(document, "--url", canned.url, *options)
    assert result.exit_code == 0
    body = canned.bodies[0]
    for name, value in {"pages": "1-2", "mode": "ocr", "dpi": "200", "password": "secret"}.items():
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in body
    assert b'name="file"; filename="scan.pdf"' in body
    assert document.read_bytes() in body
    assert canned.asked[-1].endswith("/result?format=txt")
    assert "secret" not in " ".join(canned.asked)


def test_options_that_were_not_given_are_not_sent(document: Path) -> None:
    with serving(CannedServer([COMPLETED])) as canned:
        read(document, "--url", canned.url)
    assert canned.bodies[0].count(b"Content-Disposition") == 1


def test_a_failed_job_is_1(document: Path) -> None:
    with serving(CannedServer([QUEUED, FAILED])) as canned:
        result = read(document, "--url", canned.url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "gnosis-ocr: document_encrypted: The document is encrypted" in result.stderr


def test_a_job_that_somebody_cancelled_is_1(document: Path) -> None:
    with serving(CannedServer([QUEUED, replace(FAILED, status=JobStatus.CANCELLED, error=None)])) as canned:
        result = read(document, "--url", canned.url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the job was cancelled" in result.stderr


def test_a_partial_job_is_3_with_its_text_and_a_warning(document: Path) -> None:
    with serving(CannedServer([QUEUED, PARTIAL])) as canned:
        result = read(document, "--url", canned.url)
    assert (result.exit_code, result.stdout) == (3, "# Page 1\n")
    assert "partial: could not read page 2 (render_failed)." in result.stderr


def test_a_warning_does_not_name_hundreds_of_pages(document: Path) -> None:
    bad = PageRecord(PageStatus.FAILED, error=ErrorInfo("engine_failed", "no"))
    pages = {1: PageRecord(PageStatus.COMPLETED), **dict.fromkeys(range(2, 302), bad)}
    with serving(CannedServer([replace(PARTIAL, pages=pages)])) as canned:
        result = read(document, "--url", canned.url)
    assert "21 (engine_failed) and 280 more." in result.stderr


def test_a_refused_document_is_1_and_not_sent_again(document: Path) -> None:
    refusal = problem(415, "media_type_unsupported", "Send PDF, PNG, JPEG or TIFF.")
    with serving(CannedServer(refusals=[refusal])) as canned:
        result = read(document, "--url", canned.url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "gnosis-ocr: media_type_unsupported: Send PDF, PNG, JPEG or TIFF.\n"
    assert canned.asked == ["POST /api/jobs"]


def test_a_large_document_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.truncate(20_000_000)
    refusal = problem(413, "file_too_large", "The file is larger than 10 MB.")
    with serving(CannedServer(refusals=[refusal], refuses_early=True)) as canned:
        result = read(large, "--url", canned.url)
    assert (result.exit_code, result.stderr) == (1, "gnosis-ocr: file_too_large: The file is larger than 10 MB.\n")
    assert canned.bodies == []


def test_a_busy_server_is_asked_again_with_the_same_key(document: Path) -> None:
    busy = [problem(503, "overloaded", "Busy.", {"Retry-After": "0"}) for _ in range(3)]
    with serving(CannedServer([COMPLETED], refusals=list[Response](busy))) as canned:
        result = read(document, "--url", canned.url)
    assert (result.exit_code, result.stdout) == (0, "# Page 1\n")
    keys = [headers["idempotency-key"] for headers in canned.headers if "idempotency-key" in headers]
    assert len(keys) == 4
    assert len(set(keys)) == 1
    assert len(set(canned.bodies)) == 1


def test_a_result_that_is_not_there_is_1(document: Path) -> None:
    missing = problem(409, "format_not_available", "The job has no output in this format.")
    with serving(CannedServer([COMPLETED], result=missing)) as canned:
        result = read(document, "--url", canned.url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "format_not_available: The job has no output" in result.stderr


def test_a_named_server_that_does_not_answer_is_4(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("serve_app.command_read.AsyncClient", partial(AsyncClient, sleep=sleep))
    url = f"http://127.0.0.1:{free_port()}"
    assert read(document, "--url", url).exit_code == 4
    assert slept == list(PAUSES_S), "it may be starting"
    monkeypatch.setenv("GNOSIS_URL", url)
    result = read(document)
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr == f"gnosis-ocr: {url} does not answer: All connection attempts failed.\n"


def test_the_server_of_this_machine_is_asked_where_none_is_named(
    document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(CannedServer([COMPLETED])) as canned:
        monkeypatch.setenv("GNOSIS_PORT", canned.url.rpartition(":")[2])
        assert read(document).stdout == "# Page 1\n"


@pytest.mark.parametrize(
    "arguments",
    [["--url", "localhost"], ["--format", "docx"], ["--dpi", "20"], ["-o", __file__], ["--format", "zip", "--json"]],
)
def test_wrong_usage_is_2(document: Path, arguments: list[str]) -> None:
    assert read(document, *arguments).exit_code == 2


def test_nothing_to_read_is_2(tmp_path: Path) -> None:
    result = read(tmp_path / "absent.pdf", tmp_path / "*.pdf", tmp_path)
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"gnosis-ocr: {tmp_path}/absent.pdf: file_not_found: there is no such file or folder.",
        f"gnosis-ocr: {tmp_path}/*.pdf: file_not_found: no file fits it.",
        f"gnosis-ocr: {tmp_path}: file_not_found: the folder holds no document.",
    ]


class TestOwnServer:
    """No server answers and none is named."""

    def test_starts_one_and_stops_it(self, document: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        told: list[object] = []
        usual_port = int(os.environ["GNOSIS_PORT"])
        monkeypatch.setenv("GNOSIS_STORE", f"file://{tmp_path}")
        with serving(CannedServer([COMPLETED])) as canned:

            @contextmanager
            def running(settings: Settings, *, dashboard: bool = True) -> Iterator[Server]:
                told.extend([settings.host, settings.store, dashboard, settings.port != usual_port])
                print("Ray talks")
                yield Server(canned.url, None, settings.store)
                print("Ray says goodbye")
                told.append("stopped")

            monkeypatch.setattr(server_module, "running_server", running)
            result = read(document)
        assert (result.exit_code, result.stdout) == (0, "# Page 1\n")
        assert told == ["127.0.0.1", f"file://{tmp_path}", False, True, "stopped"]
        assert f"no server answers at http://127.0.0.1:{usual_port}; starting one" in result.stderr
        assert "Ray talks" in result.stderr

    def test_a_start_that_fails_is_4(self, document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        @contextmanager
        def running(settings: Settings, *, dashboard: bool = True) -> Iterator[Server]:
            raise StartupError("GNOSIS_STORE can't be written.")
            yield

        monkeypatch.setattr(server_module, "running_server", running)
        result = read(document)
        assert (result.exit_code, result.stdout) == (4, "")
        assert result.stderr.endswith("gnosis-ocr: GNOSIS_STORE can't be written.\n")

    def test_does_not_take_over_a_cluster_that_ray_address_names(
        self, document: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
        result = read(document)
        assert result.exit_code == 4
        assert "RAY_ADDRESS is set" in result.stderr

    def test_a_bad_setting_is_4(self, document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GNOSIS_JOB_HOSTS", "none")
        result = read(document)
        assert result.exit_code == 4
        assert result.stderr.startswith("gnosis-ocr: GNOSIS_JOB_HOSTS is 'none': ")


class TestInterrupted:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_cancels_the_job(self, document: Path, number: signal.Signals) -> None:
        with serving(CannedServer([EXTRACTING], hold_s=20)) as canned:
            code, out, err = _interrupted(document, canned, canned.followed, number)
        assert (code, out) == (130, "")
        assert canned.cancelled
        assert err.splitlines() == [f"gnosis-ocr: job {JOB_ID}", "gnosis-ocr: interrupted, 1 job cancelled."]

    def test_cancels_a_job_whose_acceptance_is_still_on_its_way(self, document: Path) -> None:
        with serving(CannedServer([QUEUED], accept_s=1.5)) as canned:
            code, out, _ = _interrupted(document, canned, canned.submitted, signal.SIGINT)
        assert (code, out) == (130, "")
        assert canned.cancelled

    def test_drops_a_document_that_is_not_yet_sent(self, tmp_path: Path) -> None:
        large = tmp_path / "large.pdf"
        with large.open("wb") as file:
            file.truncate(50_000_000)
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            begun, ended = threading.Event(), threading.Event()
            canned = CannedServer(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
            thread = threading.Thread(target=_stand_still, args=(listener, begun, ended))
            thread.start()
            try:
                code, out, err = _interrupted(large, canned, begun, signal.SIGINT)
            finally:
                ended.set()
                thread.join()
        assert (code, out, err) == (130, "", "gnosis-ocr: interrupted, 0 jobs cancelled.\n")


def _stand_still(listener: socket.socket, begun: threading.Event, ended: threading.Event) -> None:
    """A server that tells no limits, then reads the beginning of a submission and no more."""
    info, _ = listener.accept()
    with info:
        info.recv(4096)
        told = b'{"code": "not_found", "detail": "There is nothing at this address."}'
        info.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(told), told))
    submission, _ = listener.accept()
    with submission:
        if submission.recv(4096).startswith(b"POST /api/jobs "):
            begun.set()
        ended.wait(30)


def _interrupted(
    document: Path, canned: CannedServer, when: threading.Event, number: signal.Signals
) -> tuple[int, str, str]:
    """Runs the command in a process of its own and sends the signal; returns exit code, stdout, stderr."""
    code = "from serve_app.command import main; main()"
    command = [sys.executable, "-c", code, "read", str(document), "--url", canned.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert when.wait(20)
            process.send_signal(number)
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()
    return process.returncode, out, err
