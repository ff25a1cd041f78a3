from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cluster.errors import StartupError
from cluster.settings import Settings
from serve_app import server as server_module
from serve_app.command import app
from serve_app.server import Server


class Stage:
    """Stands in for serve_app/server.py: keeps the settings, and does at each point what a test asks for."""

    def __init__(self) -> None:
        self.settings: list[Settings] = []
        self.log: list[str] = []
        self.on_start: Callable[[], None] = lambda: None
        self.dashboard: str | None = "http://127.0.0.1:8265"

    @contextmanager
    def running_server(self, settings: Settings, *, dashboard: bool = True) -> Iterator[Server]:
        self.settings.append(settings)
        try:
            self.on_start()
            yield Server(f"http://{settings.host}:{settings.port}", self.dashboard, settings.store)
        finally:
            self.log.append(f"drained, SIGTERM ignored: {signal.getsignal(signal.SIGTERM) is signal.SIG_IGN}")

    def wait_for_signal(self) -> None:
        self.log.append("waited")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stage:
    made = Stage()
    monkeypatch.setattr(server_module, "running_server", made.running_server)
    monkeypatch.setattr(server_module, "wait_for_signal", made.wait_for_signal)
    monkeypatch.setattr("serve_app.command_serve.start_logging", lambda: None)
    monkeypatch.setenv("GNOSIS_STORE", f"file://{tmp_path}")
    return made


def serve(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["serve", *arguments], catch_exceptions=False)


def test_announces_waits_and_drains(stage: Stage, tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    result = serve("--engines", "rapidocr,null")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Starting…",
        "API        http://127.0.0.1:8000",
        "Dashboard  http://127.0.0.1:8265",
        f"Store      file://{tmp_path}",
        "Engines    rapidocr, null",
        "",
        "  curl -F file=@document.pdf 'http://127.0.0.1:8000/api/jobs?wait=60'",
        "",
        "Ctrl-C stops it; unfinished jobs go on at the next start.",
        "Draining…",
        "Stopped.",
    ]
    assert stage.log == ["waited", "drained, SIGTERM ignored: True"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_json_is_a_line_for_each_event(stage: Stage, tmp_path: Path) -> None:
    events = [json.loads(line) for line in serve("--json", "--engines", "rapidocr,null").stdout.splitlines()]
    assert [event["event"] for event in events] == ["starting", "ready", "draining", "stopped"]
    assert events[1] == {
        "event": "ready",
        "url": "http://127.0.0.1:8000",
        "dashboard": "http://127.0.0.1:8265",
        "store": f"file://{tmp_path}",
        "engines": ["rapidocr", "null"],
    }


def test_without_a_dashboard_none_is_announced(stage: Stage) -> None:
    stage.dashboard = None
    assert "Dashboard" not in serve().stdout


def test_flags_reach_the_settings_and_win_over_the_environment(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GNOSIS_PORT", "9001")
    monkeypatch.setenv("GNOSIS_JOB_HOSTS", "3")
    assert serve("--port", "9002", "--ocr-replicas", "0-4", "--batch-size", "7", "--null-render").exit_code == 0
    settings = stage.settings[0]
    assert (settings.port, settings.job_hosts, settings.batch_size) == (9002, 3, 7)
    assert settings.ocr_range == (0, 4)
    assert settings.null_render


def test_a_bad_flag_is_4_with_one_line(stage: Stage) -> None:
    result = serve("--ocr-replicas", "3-1")
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.startswith("gnosis-ocr: GNOSIS_OCR_REPLICAS is '3-1': must be n or min-max")
    assert result.stderr.count("\n") == 1
    assert not stage.settings


def test_an_unknown_flag_is_2(stage: Stage) -> None:
    assert serve("--replicas", "3").exit_code == 2


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5"])
def test_open_mode_stays_on_this_machine(stage: Stage, host: str) -> None:
    result = serve("--host", host)
    assert result.exit_code == 4
    assert f"GNOSIS_HOST is '{host}'" in result.stderr
    assert "--allow-open" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not stage.settings


def test_open_mode_beyond_this_machine_must_be_asked_for(stage: Stage) -> None:
    assert serve("--host", "0.0.0.0", "--allow-open").exit_code == 0
    assert stage.settings[0].host == "0.0.0.0"


def test_the_environment_does_not_open_it_either(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GNOSIS_HOST", "0.0.0.0")
    assert serve().exit_code == 4


def test_a_start_that_fails_is_4_with_one_line(stage: Stage) -> None:
    def fail() -> None:
        raise StartupError("GNOSIS_PORT is 8000, but it is taken.")

    stage.on_start = fail
    result = serve()
    assert result.exit_code == 4
    assert result.stderr == "gnosis-ocr: GNOSIS_PORT is 8000, but it is taken.\n"
    assert "API" not in result.stdout


@pytest.mark.signals
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_the_start_ends_it_cleanly(stage: Stage, number: signal.Signals) -> None:
    stage.on_start = lambda: signal.raise_signal(number)
    result = serve()
    assert result.exit_code == 130
    assert result.stderr == "gnosis-ocr: interrupted.\n"
    assert stage.log == ["drained, SIGTERM ignored: False"]


def test_with_keys_it_may_listen_beyond_this_machine(stage: Stage, tmp_path: Path) -> None:
    result = serve("--host", "0.0.0.0", "--api-keys-file", str(tmp_path / "keys.json"))
    assert result.exit_code == 0
    assert 'curl -H "Authorization: Bearer $GNOSIS_API_KEY" -F file=@document.pdf' in result.stdout
    assert stage.settings[0].api_keys_file == tmp_path / "keys.json"
