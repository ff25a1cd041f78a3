"""``gnosis-ocr read``: documents in, their text out."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from gnosis_ocr import AsyncClient
from serve_app.client_calls import client_faults_as_exit_codes, code_of_fault, run_interruptibly, told
from serve_app.command_output import JsonOption
from serve_app.document_options import FilesArgument, with_document_options
from serve_app.exit_codes import ExitCode, complain, complaint
from serve_app.reading.documents import gather
from serve_app.reading.journal import Journal, open_journal, results_in
from serve_app.reading.order import Format, ReadingOrder
from serve_app.reading.outcome import worst
from serve_app.reading.progress import ReadingProgress
from serve_app.reading.report import Report
from serve_app.reading.shelf import Folder, Hands, source_of
from serve_app.reading.sitting import Sitting
from serve_app.server_choice import UrlOption, answering_server

AT_ONCE = 8


@with_document_options
def read(
    files: FilesArgument,
    folder: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="DIR",
            help="Write a file for each; called again, what is done is skipped. Default: stdout.",
        ),
    ] = None,
    output: Annotated[
        Format, typer.Option("--format", help="What is asked for; pdf is searchable, zip is all.")
    ] = Format.MD,
    *,
    options: Mapping[str, Any],
    at_once: Annotated[
        int, typer.Option("--at-once", metavar="N", min=1, max=256, help="Most documents at the same time.")
    ] = AT_ONCE,
    again: Annotated[bool, typer.Option("--again", help="With -o: read also what is done.")] = False,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Reads documents: prints their text, or writes it to a folder.

    Asks the server of --url or GNOSIS_URL, else the one on this machine; where none answers, one is started for the
    time being. Ctrl-C cancels the jobs. The exit code tells of the worst that happened.
    """
    asked = dict(options)
    password = asked.pop("password", None)
    order = ReadingOrder(asked, output, password)
    if folder is not None and folder.exists() and not folder.is_dir():
        raise typer.BadParameter(f"{folder} is no folder.", param_hint="--out")
    gathered = gather(files, folder, frozenset() if folder is None else results_in(folder))
    documents = gathered.documents
    if folder is None and output.binary:
        _check_stdout(len(documents), as_json)
    report = Report(sys.stdout, output, len(documents), as_json=as_json, folder=folder)
    for name, why in gathered.nothing:
        report.nothing(name, why)
    if not documents:
        raise typer.Exit(ExitCode.USAGE)
    kept = nullcontext() if folder is None else open_journal(folder)
    with client_faults_as_exit_codes(), kept as journal, answering_server(url, complain) as address:
        if journal is not None and again:
            journal.begin_anew([source_of(document) for document in documents], output)
        code = run_interruptibly(_read(address, order, journal, documents, at_once, report))
    raise typer.Exit(code)


def _check_stdout(documents: int, as_json: bool) -> None:
    """Before what is no text is printed."""
    if as_json or documents > 1:
        raise typer.BadParameter("it is no text; name a folder with --out.", param_hint="--format")
    if sys.stdout.isatty():
        raise typer.BadParameter("a terminal does not show it; name a folder with --out.", param_hint="--format")


async def _read(
    address: str,
    order: ReadingOrder,
    journal: Journal | None,
    documents: tuple[Path, ...],
    at_once: int,
    report: Report,
) -> ExitCode:
    """The sitting's exit code; all that is to be told of it has been told."""
    shelf = Hands(order) if journal is None else Folder(journal, order)
    async with AsyncClient(address) as client:
        with ReadingProgress(len(documents)) as progress:
            report.say = lambda line: progress.tell(complaint(line))
            sitting = Sitting(client, order, shelf, progress, at_once=at_once, report=report)
            try:
                await sitting.read(documents)
            except asyncio.CancelledError:
                report.interrupted = True
        report.say = complain
        report.close(sitting.cancelled)
        if sitting.broken is None:
            return report.code
        complain(told(sitting.broken))
        return worst([report.code, code_of_fault(sitting.broken)])
