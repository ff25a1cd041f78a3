from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from serve_app.command import app
from tests.ports import free_port
from tests.serve_app.scripted_host import ScriptedServer, document


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    for number, name in enumerate(("a.pdf", "b.pdf", "slow.pdf")):
        (tmp_path / name).write_bytes(document(number))
    (tmp_path / "notes.txt").write_text("no document")
    return tmp_path


def run(server: ScriptedServer, *arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--url", server.url], catch_exceptions=False)


def test_prints_the_ids_in_order_and_does_not_wait(server: ScriptedServer, scans: Path) -> None:
    result = run(server, "submit", scans)
    assert (result.exit_code, result.stderr) == (0, "")
    names = [json.loads(run(server, "status", each, "--json").stdout) for each in result.stdout.split()]
    assert [each["file_info"]["filename"] for each in names] == ["a.pdf", "b.pdf", "slow.pdf"]
    assert names[2]["status"] == "processing"


def test_what_is_refused_stops_no_other(server: ScriptedServer, scans: Path) -> None:
    result = run(server, "submit", scans / "notes.txt", scans / "gone.pdf", scans / "a.pdf")
    assert (result.exit_code, len(result.stdout.split())) == (1, 1)
    assert "notes.txt: media_type_unsupported: " in result.stderr
    assert "gone.pdf: there is no such file or folder." in result.stderr


def test_json_is_a_line_for_each(server: ScriptedServer, scans: Path) -> None:
    result = run(server, "submit", scans / "notes.txt", scans / "gone.pdf", scans / "a.pdf", "--json")
    gone, refused, accepted = map(json.loads, result.stdout.splitlines())
    assert gone["error"]["code"] == "file_not_found"
    assert refused["error"]["code"] == "media_type_unsupported"
    assert (accepted["file"], len(accepted["job_id"])) == (str(scans / "a.pdf"), 36)


def test_a_file_that_can_not_be_read_is_told_as_such(server: ScriptedServer, scans: Path) -> None:
    unreadable = "/proc/self/mem"  # opens, and has no end
    result = run(server, "submit", unreadable, scans / "a.pdf", "--json")
    refused, accepted = map(json.loads, result.stdout.splitlines())
    assert (result.exit_code, refused["error"]["code"]) == (1, "file_unreadable")
    assert "job_id" in accepted


def test_a_document_in_a_bucket_is_named_to_the_server(server: ScriptedServer) -> None:
    result = run(server, "submit", "gs://papers/letter.pdf")
    assert result.exit_code == 0
    record = json.loads(run(server, "status", result.stdout.strip(), "--json").stdout)
    assert record["source_uri"] == "gs://papers/letter.pdf"


def test_addresses_and_files_keep_their_order_and_come_once(server: ScriptedServer, scans: Path) -> None:
    bucket, file = "gs://papers/letter.pdf", str(scans / "a.pdf")
    result = run(server, "submit", bucket, file, bucket, scans / "b.pdf", scans / "." / "a.pdf", "--json")
    told = [json.loads(line)["file"] for line in result.stdout.splitlines()]
    assert told == [bucket, file, str(scans / "b.pdf")]


def test_options_reach_the_job(server: ScriptedServer, scans: Path) -> None:
    job_id = run(
        server, "submit", scans / "a.pdf", "--session-id", "mine", "--dpi", "99", "--pages", "1"
    ).stdout.strip()
    record = json.loads(run(server, "status", job_id, "--json").stdout)
    assert (record["session_id"], record["options"]["dpi"], record["options"]["pages"]) == ("mine", 99, "1")


def test_nothing_to_submit_is_2(server: ScriptedServer, tmp_path: Path) -> None:
    assert run(server, "submit", tmp_path / "*.pdf").exit_code == 2


@pytest.mark.parametrize(
    "command", [["submit", "FILE"], ["list"], ["cancel", "x"], ["retry", "x"], ["delete", "--yes", "x"]]
)
def test_no_server_is_4(command: list[str], scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gnosis_ocr.async_wire.AsyncWire.do", _unreachable)
    arguments = [str(scans / "a.pdf") if each == "FILE" else each for each in command]
    result = CliRunner().invoke(app, [*arguments, "--url", f"http://127.0.0.1:{free_port()}"], catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (4, "")
    assert "nobody there" in result.stderr


async def _unreachable(wire: object, step: object) -> None:
    from gnosis_ocr import ServerUnreachable
    from gnosis_ocr.steps import Ask, Work

    match step:
        case Ask():
            raise ServerUnreachable("nobody there")
        case Work(call):
            return call()  # type: ignore[no-any-return]
    return None


class TestList:
    def test_newest_first(self, server: ScriptedServer, scans: Path) -> None:
        for name in ("a.pdf", "b.pdf", "slow.pdf"):
            run(server, "submit", scans / name)
        lines = run(server, "list").stdout.splitlines()
        assert [line.split()[-1] for line in lines] == ["slow.pdf", "b.pdf", "a.pdf"]
        assert [line.split()[3] for line in lines] == ["processing", "completed", "completed"]

    def test_by_status_and_limited(self, server: ScriptedServer, scans: Path) -> None:
        run(server, "submit", scans)
        assert len(run(server, "list", "--status", "completed").stdout.splitlines()) == 2
        assert len(run(server, "list", "--limit", "1").stdout.splitlines()) == 1

    def test_json_is_one_document(self, server: ScriptedServer, scans: Path) -> None:
        assert json.loads(run(server, "list", "--json").stdout) == {"jobs": []}
        run(server, "submit", scans / "a.pdf")
        (job,) = json.loads(run(server, "list", "--json").stdout)["jobs"]
        assert job["file_info"]["filename"] == "a.pdf"

    def test_no_jobs_are_no_lines(self, server: ScriptedServer) -> None:
        result = run(server, "list")
        assert (result.exit_code, result.stdout) == (0, "")

    def test_a_status_that_is_none_is_2(self, server: ScriptedServer) -> None:
        assert run(server, "list", "--status", "lost").exit_code == 2
