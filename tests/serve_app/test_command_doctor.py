from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from serve_app.command import app
from serve_app.doctor import examination
from serve_app.doctor.finding import Finding, fault, ok, warning
from tests.ports import free_port


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GNOSIS_URL", "GNOSIS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GNOSIS_ENGINES", "null")
    monkeypatch.setenv("GNOSIS_STORE", f"file://{tmp_path}/data")
    monkeypatch.setenv("GNOSIS_PORT", str(free_port()))
    monkeypatch.setenv("GNOSIS_DASHBOARD_PORT", str(free_port()))


def doctor(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *arguments], catch_exceptions=False)


def found(result: Result) -> dict[str, str]:
    """The verdict of each check."""
    return {finding["check"]: finding["verdict"] for finding in json.loads(result.stdout)["findings"]}


def test_looks_at_everything() -> None:
    verdicts = found(doctor("--json"))
    expected = ["python", "memory", "settings", "port of the API", "port of the dashboard", "store", "disk", "sync"]
    expected += ["temporary files", "gpu", "engine null", "server"]
    assert [check for check in verdicts if check != "shared memory"] == expected
    assert verdicts["store"] == verdicts["server"] == verdicts["engine null"] == "ok"


def test_a_bad_setting_is_a_fault_and_ends_what_depends_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GNOSIS_JOB_HOSTS", "none")
    result = doctor()
    assert result.exit_code == 1
    assert "fault    settings: GNOSIS_JOB_HOSTS is 'none': " in result.stdout
    assert "store" not in result.stdout


def test_a_server_that_was_named_must_answer() -> None:
    result = doctor("--json", "--url", f"http://127.0.0.1:{free_port()}")
    assert (result.exit_code, found(result)["server"]) == (1, "fault")


def test_keys_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    monkeypatch.setenv("GNOSIS_API_KEYS_FILE", str(path))
    assert found(doctor("--json"))["keys"] == "fault"
    CliRunner().invoke(app, ["keys", "add", "anna@example.org"])
    assert found(doctor("--json"))["keys"] == "ok"


class TestToldToPeople:
    @pytest.fixture
    def findings(self, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
        made: list[Finding] = []

        def examine(url: str | None) -> Iterator[Finding]:
            yield from made

        monkeypatch.setattr("serve_app.command_doctor.examine", examine)
        return made

    def test_how_to_mend_it(self, findings: list[Finding]) -> None:
        findings += [
            ok("python", "3.11"),
            warning("memory", "2 GB free", "Buy more."),
            fault("gpu", "none", "Buy one."),
        ]
        result = doctor()
        assert result.exit_code == 1
        assert result.stdout.splitlines() == [
            "ok       python: 3.11",
            "warning  memory: 2 GB free",
            "         Buy more.",
            "fault    gpu: none",
            "         Buy one.",
            "",
            "1 fault, 1 warning.",
        ]

    def test_warnings_alone_are_0(self, findings: list[Finding]) -> None:
        findings += [warning("memory", "2 GB free", "Buy more.")]
        assert doctor().exit_code == 0
        assert json.loads(doctor("--json").stdout) == {
            "ok": True,
            "findings": [{"check": "memory", "verdict": "warning", "found": "2 GB free", "mend": "Buy more."}],
        }


def test_nothing_is_examined_twice() -> None:
    checks = [finding.check for finding in examination.examine(None)]
    assert len(checks) == len(set(checks))
