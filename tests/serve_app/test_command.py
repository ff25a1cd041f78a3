from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from serve_app.command import COMMANDS, DeferredCommand, app

KEYS = ("add", "list", "revoke")


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS), *(["keys", name] for name in KEYS)])
def test_help_tells_the_exit_codes(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "    3  partial: some pages could not be read\n" in result.stdout
    assert f"Usage: gnosis-ocr {' '.join(command)}".strip() in result.stdout


def test_help_names_the_commands() -> None:
    result = CliRunner().invoke(app, ["--help"])
    listed = result.stdout.partition("Commands:")[2].partition("Exit codes:")[0]
    lines = [line.split(maxsplit=1) for line in listed.splitlines() if line.strip()]
    assert lines == [[name, home.help] for name, home in COMMANDS.items()]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_a_command_what_its_own_help_says(name: str) -> None:
    command = DeferredCommand(name, COMMANDS[name]).command()
    assert command.help.splitlines()[0] == COMMANDS[name].help


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "keys"])
def test_every_command_has_json(name: str) -> None:
    command = DeferredCommand(name, COMMANDS[name]).command()
    assert "--json" in [flag for parameter in command.params for flag in parameter.opts]


def test_wrong_usage_is_2() -> None:
    assert CliRunner().invoke(app, ["status"]).exit_code == 2
    assert CliRunner().invoke(app, ["dance"]).exit_code == 2
    assert CliRunner().invoke(app, ["keys", "dance"]).exit_code == 2


def test_version() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout.split()[0]) == (0, "gnosis-ocr")


def test_help_needs_none_of_the_heavy_modules() -> None:
    code = """
import sys, serve_app.command
try:
    serve_app.command.app(["--help"], prog_name="gnosis-ocr")
except SystemExit:
    pass
heavy = {"ray", "numpy", "pymupdf", "starlette", "pydantic", "httpx", "gnosis_ocr", "asyncio", "rich", "orjson"}
print(sorted(heavy & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_a_client_command_needs_none_of_the_heavy_modules() -> None:
    code = """
import sys, serve_app.command_read, serve_app.command_orders, serve_app.command_status
print(sorted({"ray", "numpy", "pymupdf", "starlette", "cv2", "onnxruntime"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "completed"),
    [("gnosis-ocr re", {"read", "retry"}), ("gnosis-ocr read --la", {"--languages", "--layout"})],
)
def test_completes_commands_and_options(monkeypatch: pytest.MonkeyPatch, words: str, completed: set[str]) -> None:
    environment = {"_GNOSIS_OCR_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    result = CliRunner().invoke(app, [], env=environment, prog_name="gnosis-ocr")
    assert set(result.stdout.split()) == completed
