"""Many documents through a whole HTTP side, printed or kept in a folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gnosis_ocr import AsyncClient
from serve_app.command import app
from tests.ports import free_port
from tests.serve_app.scripted_host import ScriptedServer, document


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder of three documents, one of them deeper, and of things that are none."""
    folder = tmp_path / "scans"
    (folder / "deep").mkdir(parents=True)
    for number, name in enumerate(("a.pdf", "b.pdf", "deep/a.pdf")):
        (folder / name).write_bytes(document(number))
    (folder / "notes.txt").write_text("no document")
    (folder / ".hidden.pdf").write_bytes(document(9))
    return folder


def read(server: ScriptedServer, *arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["read", *map(str, arguments), "--url", server.url], catch_exceptions=False)


def add(folder: Path, *names: str) -> None:
    for number, name in enumerate(names):
        (folder / name).write_bytes(document(100 + number))


class TestPrinted:
    def test_one_after_the_other_in_order(self, server: ScriptedServer, scans: Path) -> None:
        result = read(server, scans)
        assert result.exit_code == 0
        texts = [("a.pdf", "a.pdf"), ("b.pdf", "b.pdf"), ("deep/a.pdf", "a.pdf")]
        assert result.stdout == "\n".join(f"==> {scans}/{name} <==\n# {text}\n" for name, text in texts)
        assert result.stderr == "gnosis-ocr: 3 read.\n"

    def test_what_fails_stops_no_other_and_the_worst_is_told(self, server: ScriptedServer, scans: Path) -> None:
        add(scans, "broken.pdf", "partial.pdf")
        result = read(server, scans / "a.pdf", scans / "broken.pdf", scans / "gone.pdf", scans / "partial.pdf")
        assert result.exit_code == 1
        assert result.stdout.splitlines()[::3] == [f"==> {scans}/a.pdf <==", f"==> {scans}/partial.pdf <=="]
        assert f"{scans}/broken.pdf: document_damaged: The document is damaged." in result.stderr
        assert f"{scans}/gone.pdf: file_not_found: there is no such file or folder." in result.stderr
        assert f"{scans}/partial.pdf: partial: could not read page 2 (engine_failed)." in result.stderr
        assert result.stderr.endswith("gnosis-ocr: 1 read, 1 partial, 2 failed.\n")

    def test_partial_alone_is_3(self, server: ScriptedServer, scans: Path) -> None:
        add(scans, "partial.pdf")
        assert read(server, scans / "a.pdf", scans / "partial.pdf").exit_code == 3

    def test_a_document_that_the_server_refuses_stops_no_other(self, server: ScriptedServer, scans: Path) -> None:
        result = read(server, scans / "notes.txt", scans / "a.pdf")
        assert result.exit_code == 1
        assert f"{scans}/notes.txt: media_type_unsupported: " in result.stderr
        assert "# a.pdf\n" in result.stdout

    def test_json_is_a_line_for_each(self, server: ScriptedServer, scans: Path) -> None:
        add(scans, "broken.pdf")
        result = read(server, scans / "a.pdf", scans / "broken.pdf", scans / "gone.pdf", "--json")
        lines = {line["file"]: line for line in map(json.loads, result.stdout.splitlines())}
        done, broken = lines[f"{scans}/a.pdf"], lines[f"{scans}/broken.pdf"]
        assert (done["status"], done["text"], done["pages"]) == ("completed", "# a.pdf\n", 1)
        assert (broken["status"], broken["error"]["code"]) == ("failed", "document_damaged")
        assert lines[f"{scans}/gone.pdf"]["error"]["code"] == "file_not_found"

    def test_a_wrong_option_is_told_once(self, server: ScriptedServer, scans: Path) -> None:
        result = read(server, scans, "--mode", "guess", "--at-once", "1")
        assert result.exit_code == 1
        assert result.stderr.count("option_invalid: `mode` is `guess`") == 1
        assert server.counted("POST", "/api/jobs") == 1

    def test_no_more_at_once_than_asked_for(self, server: ScriptedServer, scans: Path) -> None:
        assert read(server, scans, "--at-once", "1").exit_code == 0
        ends = [each.rpartition("/")[2] for each in server.asked]
        assert [end for end in ends if end in ("jobs", "result")] == ["jobs", "result"] * 3

    def test_what_is_no_text_is_not_printed_for_several(self, server: ScriptedServer, scans: Path) -> None:
        assert read(server, scans, "--format", "pdf").exit_code == 2

    def test_nothing_but_text_on_stdout_where_there_is_no_terminal(self, server: ScriptedServer, scans: Path) -> None:
        result = read(server, scans / "a.pdf")
        assert (result.stdout, "\x1b" in result.stderr) == ("# a.pdf\n", False)

    def test_nobody_who_takes_what_is_printed_is_no_traceback(self, server: ScriptedServer, scans: Path) -> None:
        code = "from serve_app.command import main; main()"
        command = [sys.executable, "-c", code, "read", str(scans), "--url", server.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.close()
            assert process.stderr is not None
            told = process.stderr.read()
        assert process.wait() == 1
        assert "Traceback" not in told


class TestKept:
    def test_beside_each_other_and_none_over_another(self, server: ScriptedServer, scans: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        result = read(server, scans, "-o", out)
        assert (result.exit_code, result.stdout) == (0, "")
        assert names_in(out) == ["a.md", "a.pdf.md", "b.md"]
        assert (out / "b.md").read_text() == "# b.pdf\n"
        assert result.stderr.splitlines()[-1] == f"gnosis-ocr: 3 read; results in {out}."
        assert f"gnosis-ocr: {scans}/b.pdf: {out}/b.md" in result.stderr.splitlines()

    def test_names_are_given_in_the_order_of_the_documents(
        self, server: ScriptedServer, scans: Path, tmp_path: Path
    ) -> None:
        (scans / "a.pdf").write_bytes(document() + bytes(8_000_000))  # whose content takes the longest to know
        read(server, scans / "a.pdf", scans / "deep" / "a.pdf", "-o", tmp_path / "out")
        first = [json.loads(line) for line in (tmp_path / "out" / ".gnosis-ocr.jsonl").read_text().splitlines()][1:]
        assert {Path(entry["source"]).parent.name: entry["result"] for entry in first} == {
            "scans": "a.md",
            "deep": "a.pdf.md",
        }

    def test_run_again_does_nothing(self, server: ScriptedServer, scans: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        read(server, scans, "-o", out)
        asked = len(server.asked)
        result = read(server, scans, "-o", out)
        assert (result.exit_code, result.stderr) == (0, f"gnosis-ocr: 3 done before; results in {out}.\n")
        assert server.asked[asked:] == []

    def test_a_changed_document_is_read_again(self, server: ScriptedServer, scans: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        read(server, scans, "-o", out)
        (scans / "b.pdf").write_bytes(document(77))
        assert "1 read, 2 done before" in read(server, scans, "-o", out).stderr
        assert names_in(out) == ["a.md", "a.pdf.md", "b.md"]

    def test_other_options_are_another_reading(self, server: ScriptedServer, scans: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        read(server, scans / "b.pdf", "-o", out)
        read(server, scans / "b.pdf", "-o", out, "--dpi", "200")
        assert server.read == ["b.pdf", "b.pdf"]

    def test_another_format_comes_of_the_same_job(self, server: ScriptedServer, scans: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        read(server, scans / "b.pdf", "-o", out)
        read(server, scans / "b.pdf", "-o", out, "--format", "txt")
        assert names_in(out) == ["b.md", "b.txt"]
        assert server.read == ["b.pdf"]

    def test_a_result_that_was_removed_is_fetched_again(
        self, server: ScriptedServer, scans: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        read(server, scans / "b.pdf", "-o", out)
        (out / "b.md").unlink()
        read(server, scans / "b.pdf", "-o", out)
        assert (out / "b.md").is_file()
        assert server.read == ["b.pdf"]

    def test_again_reads_what_is_done(self, server: ScriptedServer, scans: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        read(server, scans / "b.pdf", "-o", out)
        read(server, scans / "b.pdf", "-o", out, "--again")
        assert names_in(out) == ["b.md"]
        assert server.read == ["b.pdf", "b.pdf"]

    def test_what_was_partial_is_completed_by_the_next_run(
        self, server: ScriptedServer, scans: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        add(scans, "partial.pdf")
        assert read(server, scans / "partial.pdf", "-o", out).exit_code == 3
        assert (out / "partial.md").is_file()
        assert read(server, scans / "partial.pdf", "-o", out).exit_code == 0
        assert server.counted("POST", "/retry") == 1
        assert read(server, scans / "partial.pdf", "-o", out).stderr.startswith("gnosis-ocr: 1 done before")

    def test_a_job_that_was_deleted_is_made_anew(self, server: ScriptedServer, scans: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        result = read(server, scans / "b.pdf", "-o", out, "--json")
        CliRunner().invoke(app, ["delete", "--yes", json.loads(result.stdout)["job_id"], "--url", server.url])
        (out / "b.md").unlink()
        assert read(server, scans / "b.pdf", "-o", out).exit_code == 0
        assert server.read == ["b.pdf", "b.pdf"]

    def test_no_file_of_somebody_elses_is_written_over(
        self, server: ScriptedServer, scans: Path, tmp_path: Path
    ) -> None:
        (scans / "b.md").write_text("mine")
        assert read(server, scans / "b.pdf", "-o", scans).exit_code == 0
        assert (scans / "b.md").read_text() == "mine"
        assert (scans / "b.pdf.md").read_text() == "# b.pdf\n"

    def test_results_in_the_folder_that_is_read_are_no_documents(self, server: ScriptedServer, scans: Path) -> None:
        out = scans / "out"
        out.mkdir()
        add(out, "earlier.pdf")
        read(server, scans, "-o", out)
        assert sorted(server.read) == ["a.pdf", "a.pdf", "b.pdf"]

    def test_results_beside_the_documents_are_no_documents(self, server: ScriptedServer, scans: Path) -> None:
        (scans / "b.pdf").rename(scans / "deep" / "b.pdf")
        read(server, scans, "-o", scans)
        (scans / "a.md").write_bytes(document(5))  # as a searchable PDF would look
        assert "3 done before" in read(server, scans, "-o", scans).stderr

    def test_json_names_the_results(self, server: ScriptedServer, scans: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        lines = [json.loads(line) for line in read(server, scans, "-o", out, "--json").stdout.splitlines()]
        assert {line["result"] for line in lines} == {f"{out}/a.md", f"{out}/a.pdf.md", f"{out}/b.md"}
        again = [json.loads(line) for line in read(server, scans, "-o", out, "--json").stdout.splitlines()]
        assert {line["status"] for line in again} == {"kept"}

    def test_files_can_be_read_by_whom_the_umask_lets(
        self, server: ScriptedServer, scans: Path, tmp_path: Path
    ) -> None:
        before = os.umask(0o022)
        try:
            read(server, scans / "b.pdf", "-o", tmp_path / "out")
        finally:
            os.umask(before)
        assert (tmp_path / "out" / "b.md").stat().st_mode & 0o777 == 0o644

    def test_a_server_that_is_gone_leaves_the_rest_for_the_next_run(
        self, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("serve_app.command_read.AsyncClient", partial(AsyncClient, sleep=no_sleep))
        url = f"http://127.0.0.1:{free_port()}"
        arguments = ["read", str(scans), "-o", str(tmp_path / "out"), "--url", url, "--at-once", "1"]
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert result.exit_code == 4
        assert result.stderr.count("does not answer") == 1


class TestInterrupted:
    def test_keeps_what_is_done_cancels_the_rest_and_goes_on(
        self, server: ScriptedServer, scans: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        add(scans, "slow1.pdf", "slow2.pdf")
        arguments = [str(scans), "-o", str(out), "--url", server.url]
        code, stdout, stderr = broken_off(
            signal.SIGINT, arguments, lambda: server.counted("GET", "/status") >= 5 and len(names_in(out)) == 3
        )
        assert (code, stdout) == (130, "")
        told = f"gnosis-ocr: interrupted, 2 jobs cancelled; 3 read; results in {out}; the same command goes on."
        assert stderr.splitlines()[-1] == told
        assert server.counted("POST", "/cancel") == 2
        result = read(server, scans, "-o", out)
        assert result.exit_code == 0, result.stderr
        assert result.stderr.endswith(f"2 read, 3 done before; results in {out}.\n")
        assert server.counted("POST", "/retry") == 2

    def test_a_run_that_was_killed_leaves_its_job_to_the_next(
        self, server: ScriptedServer, scans: Path, tmp_path: Path
    ) -> None:
        add(scans, "slow.pdf")
        arguments = [str(scans / "slow.pdf"), "-o", str(tmp_path / "out"), "--url", server.url]
        asked = 0

        def followed() -> bool:
            return server.counted("GET", "/status") >= asked + 2

        for _ in range(2):
            asked = server.counted("GET", "/status")
            code, *_ = broken_off(signal.SIGKILL, arguments, followed)
            assert code == -signal.SIGKILL
        assert server.counted("POST", "/api/jobs") == 2
        listed = CliRunner().invoke(app, ["list", "--json", "--url", server.url])
        assert len(json.loads(listed.stdout)["jobs"]) == 1


def broken_off(number: signal.Signals, arguments: list[str], when: Callable[[], bool]) -> tuple[int, str, str]:
    """Runs `read` in a process of its own and sends it the signal; its exit code, stdout and stderr."""
    command = [sys.executable, "-c", "from serve_app.command import main; main()", "read", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline = time.monotonic() + 60
            while not when():
                assert time.monotonic() < deadline
                assert process.poll() is None, process.communicate()
                time.sleep(0.02)
            process.send_signal(number)
            stdout, stderr = process.communicate(timeout=30)
        finally:
            process.kill()
    return process.returncode, stdout, stderr


async def no_sleep(seconds: float) -> None:
    return None


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("[!.]*")) if folder.is_dir() else []
