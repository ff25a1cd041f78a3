"""``gnosis-ocr read``: documents in, their text out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TextIO

import typer

from gnosis_ocr import AsyncClient, ErrorInfo
from serve_app.client_calls import client_faults_as_exit_codes, code_of_fault, run_interruptibly
from serve_app.command_output import JsonOption
from serve_app.document_options import (
    DpiOption,
    EngineOption,
    FilesArgument,
    LanguagesOption,
    LayoutOption,
    ModeOption,
    PagesOption,
    PasswordOption,
    PriorityOption,
    given_options,
)
from serve_app.exit_codes import ExitCode, complain, complaint
from serve_app.reading.documents import Gathered, gather
from serve_app.reading.journal import Journal, open_journal
from serve_app.reading.order import Format, ReadingOrder
from serve_app.reading.outcome import Ending, Outcome, tally, worst
from serve_app.reading.progress import ReadingProgress
from serve_app.reading.report import Report
from serve_app.reading.run import Run
from serve_app.reading.shelf import Folder, Hands
from serve_app.server_choice import UrlOption, answering_server, api_key

AT_ONCE = 8


def read(
    files: FilesArgument,
    folder: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="DIR", help="Write a file for each; run again, what is done is skipped. Default: stdout."
        ),
    ] = None,
    format: Annotated[
        Format, typer.Option("--format", help="What is asked for; pdf is searchable, zip is all.")
    ] = Format.MD,
    pages: PagesOption = None,
    mode: ModeOption = None,
    engine: EngineOption = None,
    languages: LanguagesOption = None,
    layout: LayoutOption = None,
    dpi: DpiOption = None,
    password: PasswordOption = None,
    priority: PriorityOption = None,
    at_once: Annotated[
        int, typer.Option("--at-once", metavar="N", min=1, max=256, help="Most documents at the same time.")
    ] = AT_ONCE,
    again: Annotated[bool, typer.Option("--again", help="With -o: read also what is done.")] = False,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Reads documents and prints their text, or writes it to a folder.

    Asks the server of --url or GNOSIS_URL, else the one on this machine; where none answers, one is started for the
    time being. Ctrl-C cancels the jobs. The exit code tells of the worst that happened.
    """
    given = {"pages": pages, "mode": mode, "engine": engine, "languages": languages, "layout": layout, "dpi": dpi}
    order = ReadingOrder(given_options(given | {"priority": priority}), format, password)
    if folder is not None and folder.exists() and not folder.is_dir():
        raise typer.BadParameter(f"{folder} is no folder.", param_hint="--out")
    gathered = gather(files, leave_out=folder)
    _check_stdout(order, gathered, folder, as_json)
    report = Report(sys.stdout, format, len(gathered.documents), as_json=as_json, in_order=folder is None)
    for name, why in gathered.nothing:
        report.nothing(name, why)
    if not gathered.documents:
        raise typer.Exit(ExitCode.USAGE)
    with client_faults_as_exit_codes(), answering_server(url, complain) as address:
        with nullcontext() if folder is None else open_journal(folder) as journal:
            if journal is not None and again:
                journal.begin_anew(gathered.documents, format)
            reading = _Reading(address, order, journal, at_once, report)
            reading.carry_out(gathered)
    raise typer.Exit(reading.code(gathered))


def _check_stdout(order: ReadingOrder, gathered: Gathered, folder: Path | None, as_json: bool) -> None:
    if folder is not None or not order.format.binary:
        return
    if as_json or len(gathered.documents) > 1:
        raise typer.BadParameter("it is no text; name a folder with --out.", param_hint="--format")
    if sys.stdout.isatty():
        raise typer.BadParameter("a terminal does not show it; name a folder with --out.", param_hint="--format")
