from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from serve_app.command import app


@pytest.mark.parametrize("command", [[], ["serve"], ["read"], ["status"], ["drain-node"], ["keys"], ["keys", "add"]])
def test_help_tells_the_exit_codes(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "    3  partial: some pages could not be read\n" in result.stdout


def test_help_names_the_commands() -> None:
    result = CliRunner().invoke(app, ["--help"])
    listed = result.stdout.partition("Commands:")[2].partition("Exit codes:")[0]
    assert [line.split()[0] for line in listed.splitlines() if line.strip()] == [
        *("serve", "read", "status", "drain-node", "keys"),
    ]


def test_wrong_usage_is_2() -> None:
    assert CliRunner().invoke(app, ["status"]).exit_code == 2
    assert CliRunner().invoke(app, ["dance"]).exit_code == 2


def test_starts_without_the_heavy_modules() -> None:
    code = "import sys, serve_app.command; print(sorted({'ray', 'numpy', 'pymupdf', 'starlette'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
