"""The command line: ``gnosis-ocr serve``, ``read``, ``status``, ``keys``, ``drain-node``."""

from __future__ import annotations

import typer

from serve_app.command_drain_node import drain_node
from serve_app.command_keys import keys
from serve_app.command_read import read
from serve_app.command_serve import serve
from serve_app.command_status import status
from serve_app.exit_codes import EPILOG

app = typer.Typer(
    name="gnosis-ocr",
    help="An OCR cluster: documents in over HTTP, text out page by page.",
    epilog=EPILOG,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (serve, read, status, drain_node):
    app.command(epilog=EPILOG)(command)
app.add_typer(keys)


def main() -> None:
    """The entry point of ``gnosis-ocr``."""
    app(prog_name="gnosis-ocr")
