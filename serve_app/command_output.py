"""What commands print: JSON by ``--json``, and colours where people look at a terminal and want them."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated, Any, TextIO

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="JSON on stdout, and nothing else there.")]


def print_json(document: Any, file: TextIO | None = None) -> None:
    """A document by itself, spread over lines. file: default: stdout."""
    typer.echo(_encoded(document, indent=2), file=file)


def print_json_line(document: Any, file: TextIO | None = None) -> None:
    """One of several, a line each, out at once. file: default: stdout."""
    typer.echo(_encoded(document), file=file)


def _encoded(document: Any, indent: int | None = None) -> bytes:
    """A file name that is no UTF-8 becomes an escape of JSON."""
    return json.dumps(document, indent=indent, ensure_ascii=False).encode("utf-8", "backslashreplace")


def painted(text: str, colour: str | None) -> str:
    """In colour on a terminal, as it is where stdout is none or NO_COLOR is set (https://no-color.org)."""
    return typer.style(text, fg=colour, bold=True) if wants_colour(sys.stdout) else text


def emphasised(text: str) -> str:
    """As ``painted``, bold alone."""
    return painted(text, None)


def wants_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
