"""The command line, ``gnosis-ocr``: what a command needs is imported when it is called, so that help comes at once."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from serve_app.exit_codes import EPILOG


@dataclass(frozen=True, slots=True)
class Home:
    """Where a command is: ``name`` in ``module``, a function or a Typer of its own. help: its help's first line."""

    module: str
    name: str
    help: str


COMMANDS = {
    "serve": Home("command_serve", "serve", "Starts the cluster and its API; Ctrl-C ends it."),
    "read": Home("command_read", "read", "Reads documents: prints their text, or writes it to a folder."),
    "submit": Home("command_submit", "submit", "Submits documents and prints the ids of their jobs."),
    "status": Home("command_status", "status", "Tells how far a job is."),
    "list": Home("command_list", "list_jobs", "Lists your jobs, newest first."),
    "cancel": Home("command_orders", "cancel", "Stops jobs; what was read stays."),
    "retry": Home("command_orders", "retry", "Reads what failed or was skipped once more."),
    "delete": Home("command_orders", "delete", "Removes jobs and all that is stored of them, for good."),
    "drain-node": Home(
        "command_drain_node", "drain_node", "Moves what runs on a cluster's node elsewhere, before it goes."
    ),
    "keys": Home("command_keys", "keys", "API keys: who may use the server, and how much."),
    "doctor": Home("command_doctor", "doctor", "Looks whether all is there that a server needs."),
}


class DeferredCommand(TyperCommand):
    """Stands for a command in the list of commands, and becomes it when it is called."""

    def __init__(self, name: str, home: Home) -> None:
        super().__init__(name, help=home.help, rich_markup_mode=None)
        self._home = home

    def command(self) -> Any:
        """The command itself; imports what it needs."""
        found = getattr(importlib.import_module(f"serve_app.{self._home.module}"), self._home.name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
            alone.command(self.name, epilog=EPILOG)(found)
            found = alone
        made = typer.main.get_command(found)
        made.name = self.name
        return made

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        return self.command().make_context(info_name, args, parent, **extra)


class Commands(TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, home in COMMANDS.items():
            self.add_command(DeferredCommand(name, home))


app = typer.Typer(
    name="gnosis-ocr",
    cls=Commands,
    help="An OCR cluster: documents in over HTTP, text out page by page.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _tell_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"gnosis-ocr {version('gnosis-ocr')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """The entry point of ``gnosis-ocr``."""
    app(prog_name="gnosis-ocr")
