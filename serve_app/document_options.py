"""The options of the commands that have documents read, ``read`` and ``submit``; the server judges most of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from cluster.options import DPI_RANGE, LAYOUTS, MODES, PRIORITIES
from serve_app.flag_groups import flag, with_flags


def _among(values: tuple[str, ...]) -> Any:
    """Completes a value, for a shell."""
    return lambda incomplete: [value for value in values if value.startswith(incomplete)]


FilesArgument = Annotated[
    list[str],
    typer.Argument(metavar="FILES", help="PDF, PNG, JPEG, TIFF, WebP, BMP; folders; globs, quoted or not."),
]
PasswordOption = Annotated[str | None, typer.Option("--password", metavar="TEXT", help="Opens an encrypted document.")]

_FLAGS: dict[str, Any] = {
    "pages": Annotated[
        str | None, typer.Option("--pages", metavar="RANGE", help="Pages to read, such as 1-3,7; default: all.")
    ],
    "mode": Annotated[
        str | None,
        typer.Option("--mode", metavar="MODE", help="auto (default), ocr or text.", autocompletion=_among(MODES)),
    ],
    "engine": Annotated[
        str | None, typer.Option("--engine", metavar="NAME", help="One of the server's; default: its first.")
    ],
    "languages": Annotated[
        str | None, typer.Option("--languages", metavar="CODES", help="What the document is written in, such as de,fr.")
    ],
    "layout": Annotated[
        str | None,
        typer.Option(
            "--layout",
            metavar="LAYOUT",
            help="full (default), or plain: quicker, without the layout step.",
            autocompletion=_among(LAYOUTS),
        ),
    ],
    "dpi": Annotated[
        int | None,
        typer.Option(
            "--dpi", metavar="N", min=DPI_RANGE[0], max=DPI_RANGE[1], help="Dots an inch of page images; default: 150."
        ),
    ],
    "password": PasswordOption,
    "priority": Annotated[
        str | None,
        typer.Option(
            "--priority",
            metavar="PRIORITY",
            help="interactive (default), or bulk, which waits for others.",
            autocompletion=_among(PRIORITIES),
        ),
    ],
}


def with_document_options(command: Callable[..., None]) -> Callable[..., None]:
    """``command`` with these options in place of its parameter ``options``, which gets those that were given."""
    return with_flags(command, "options", (flag(name, kind) for name, kind in _FLAGS.items()))
