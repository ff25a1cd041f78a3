"""docs/commands.md and the commands say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from cluster.settings import Settings
from serve_app.command import COMMANDS, DeferredCommand, app
from serve_app.exit_codes import EPILOG
from serve_app.settings_flags import flag_of

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "commands.md").read_text("utf-8")
SETTINGS = {flag_of(name) for name in Settings.model_fields} | {
    f"--no-{name.replace('_', '-')}" for name in Settings.model_fields
}


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by its whole name."""
    yield "", typer.main.get_command(app)
    for name, home in COMMANDS.items():
        command = DeferredCommand(name, home).command()
        inner = getattr(command, "commands", None)
        yield from [(f"{name} {each}", inner[each]) for each in inner] if inner else [(name, command)]


SECTIONS = dict(re.findall(r"^## gnosis-ocr ([a-z -]+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
SECTIONS[""] = PAGE.partition("\n## ")[0]


def told(section: str) -> set[str]:
    """The options that its tables name in their first column."""
    rows = re.findall(r"^\| (`-[^|]*) \|", section, re.M)
    return {flag for row in rows for flag in re.findall(r"`(--?[a-z-]+)`", row)}


def test_every_command_has_its_section() -> None:
    assert set(SECTIONS) == {name for name, _ in commands()}


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_option_is_told_and_no_other(name: str, command: Any) -> None:
    flags = {flag for parameter in command.params for flag in parameter.opts if flag.startswith("-")}
    assert told(SECTIONS[name]) == flags - SETTINGS - {"--help"}


def test_exit_codes() -> None:
    table = dict(re.findall(r"^\| (\d+) \| ([^|]*?) \|$", SECTIONS[""], re.M))
    lines = dict(re.findall(r"^ +(\d+)  (.*)$", EPILOG, re.M))
    assert {code: text.partition(",")[0] for code, text in table.items()} == {
        code: text.partition(",")[0] for code, text in lines.items()
    }


def called(text: str) -> Iterator[tuple[str, set[str]]]:
    """The commands that a document's code calls, each with its options."""
    for code in re.findall(r"```.*?```|`[^`]+`", text.replace("\\\n", " "), re.S):
        for call in re.findall(r"(?<![\w/.-])(?<!-n )gnosis-ocr ([^\n`]*)", code):
            for part in call.split("gnosis-ocr "):
                if name := re.match(r"keys (?:add|list|revoke)|[a-z][a-z-]*", part):
                    yield name[0], set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", part))


def test_documents_call_commands_with_options_that_they_have() -> None:
    options = {
        name: {flag for parameter in command.params for flag in parameter.opts} | {"--help"}
        for name, command in commands()
    }
    found = 0
    for path in [REPOSITORY / "README.md", *REPOSITORY.glob("docs/*.md")]:
        for name, flags in called(path.read_text("utf-8")):
            found += 1
            assert name in options, f"{path.name}: gnosis-ocr {name}"
            assert flags <= options[name], f"{path.name}: gnosis-ocr {name} {flags - options[name]}"
    assert found > 40
