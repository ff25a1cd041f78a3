from __future__ import annotations

import io
import json
import sys

import pytest
import typer

from serve_app.command_output import painted, print_json, print_json_line, wants_colour


class Stream(io.StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("terminal", "environment", "wanted"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colours_only_where_they_are_wanted(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, environment: dict[str, str], wanted: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = Stream(terminal=terminal)
    assert wants_colour(stream) is wanted
    monkeypatch.setattr(sys, "stdout", stream)
    assert ("\x1b[" in painted("fault", typer.colors.RED)) is wanted


def test_json_of_any_letters(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    document = {"file": "ä\u2028\udcff.pdf"}
    print_json_line(document)
    print_json(document)
    line, whole = capfdbinary.readouterr().out.split(b"\n", 1)
    assert "ä".encode() in line
    assert json.loads(line) == json.loads(whole) == document
