from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from serve_app.command import app
from serve_app.job_argument import job_ids
from tests.ports import free_port
from tests.serve_app.scripted_host import ScriptedServer, document

UNKNOWN = "0198a000-0000-7000-8000-00000000000f"


def run(server: ScriptedServer, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--url", server.url], catch_exceptions=False)


def submitted(server: ScriptedServer, folder: Path, name: str) -> str:
    path = folder / name
    path.write_bytes(document(len(name)))
    return run(server, "submit", str(path)).stdout.strip()


def status_of(server: ScriptedServer, job_id: str) -> str:
    return str(json.loads(run(server, "status", job_id, "--json").stdout)["status"])


def test_cancel(server: ScriptedServer, tmp_path: Path) -> None:
    job_id = submitted(server, tmp_path, "slow.pdf")
    result = run(server, "cancel", job_id)
    assert (result.exit_code, result.stdout) == (0, f"{job_id} cancelled\n")
    assert status_of(server, job_id) == "cancelled"


def test_one_that_fails_stops_no_other(server: ScriptedServer, tmp_path: Path) -> None:
    done, going = submitted(server, tmp_path, "a.pdf"), submitted(server, tmp_path, "slow.pdf")
    result = run(server, "cancel", done, UNKNOWN, going)
    assert (result.exit_code, result.stdout) == (1, f"{going} cancelled\n")
    assert f"gnosis-ocr: {done}: job_finished: " in result.stderr
    assert f"gnosis-ocr: {UNKNOWN}: job_not_found: " in result.stderr


def test_json_is_a_line_for_each(server: ScriptedServer, tmp_path: Path) -> None:
    done, going = submitted(server, tmp_path, "a.pdf"), submitted(server, tmp_path, "slow.pdf")
    refused, cancelled = map(json.loads, run(server, "cancel", done, going, "--json").stdout.splitlines())
    assert (refused["job_id"], refused["error"]["code"]) == (done, "job_finished")
    assert cancelled == {"job_id": going, "outcome": "cancelled"}


def test_retry(server: ScriptedServer, tmp_path: Path) -> None:
    job_id = submitted(server, tmp_path, "partial.pdf")
    assert status_of(server, job_id) == "partial"
    result = run(server, "retry", job_id, "--password", "secret")
    assert (result.exit_code, result.stdout) == (0, f"{job_id} run 2\n")
    assert status_of(server, job_id) == "completed"
    assert "nothing_to_retry" in run(server, "retry", job_id).stderr


def test_delete_with_yes(server: ScriptedServer, tmp_path: Path) -> None:
    job_id = submitted(server, tmp_path, "a.pdf")
    result = run(server, "delete", job_id, "--yes")
    assert (result.exit_code, result.stdout) == (0, f"{job_id} deleted\n")
    assert run(server, "status", job_id).exit_code == 1


def test_delete_asks_nobody_where_nobody_is(server: ScriptedServer, tmp_path: Path) -> None:
    job_id = submitted(server, tmp_path, "a.pdf")
    assert run(server, "delete", job_id).exit_code == 2
    assert status_of(server, job_id) == "completed"


@pytest.mark.parametrize(("answer", "left"), [("y\n", False), ("n\n", True), ("\n", True)])
def test_delete_asks_at_a_terminal(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, left: bool
) -> None:
    job_id = submitted(server, tmp_path, "a.pdf")
    monkeypatch.setattr("serve_app.command_orders.somebody_is_there", lambda: True)
    result = CliRunner().invoke(app, ["delete", job_id, "--url", server.url], input=answer, catch_exceptions=False)
    assert result.exit_code == 0
    assert f"Remove the job {job_id} and all that is stored of it" in result.stderr
    assert (run(server, "status", job_id).exit_code == 0) is left


def test_delete_asks_once_for_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve_app.command_orders.somebody_is_there", lambda: True)
    result = CliRunner().invoke(app, ["delete", "a", "b"], input="n\n", catch_exceptions=False)
    assert result.exit_code == 0
    assert "Remove 2 jobs and all that is stored of them, for good? [y/N]" in result.stderr


def test_delete_that_is_broken_off_at_its_question_removes_nothing(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = submitted(server, tmp_path, "a.pdf")
    monkeypatch.setattr("serve_app.command_orders.somebody_is_there", lambda: True)
    result = CliRunner().invoke(app, ["delete", job_id, "--url", server.url], input="", catch_exceptions=False)
    assert (result.exit_code, run(server, "status", job_id).exit_code) == (130, 0)


def test_ids_are_completed(server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = submitted(server, tmp_path, "a.pdf")
    monkeypatch.setenv("GNOSIS_URL", server.url)
    assert job_ids(job_id[:4]) == [(job_id, "a.pdf, completed")]
    assert job_ids("zzz") == []


def test_no_ids_are_completed_where_no_server_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GNOSIS_URL", f"http://127.0.0.1:{free_port()}")
    assert job_ids("") == []
