"""``gnosis-ocr read``: one document in, its text out."""

from __future__ import annotations

import asyncio
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from cluster.options import DPI_RANGE
from cluster.record import JobRecord, JobStatus
from serve_app.api_client import ApiClient
from serve_app.document_reading import DocumentReading, Reading, ReadingOrder
from serve_app.exit_codes import ExitCode, code_of, complain, faults_as_exit_codes
from serve_app.page_counts import failed_pages
from serve_app.reading_progress import ReadingProgress
from serve_app.server_choice import UrlOption, answering_server, api_key

NAMED_PAGES = 20
"""A warning names so many failed pages."""


class Output(StrEnum):
    MD = "md"
    TXT = "txt"
    JSON = "json"
    PDF = "pdf"
    HOCR = "hocr"
    ALTO = "alto"
    ZIP = "zip"

    @property
    def binary(self) -> bool:
        return self in (Output.PDF, Output.ZIP)


def read(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, readable=True, help="A PDF, PNG, JPEG, TIFF, WebP or BMP."
        ),
    ],
    url: UrlOption = None,
    pages: Annotated[
        str | None, typer.Option(metavar="RANGE", help="Pages to read, such as 1-3,7; default: all.")
    ] = None,
    mode: Annotated[str | None, typer.Option(metavar="MODE", help="auto (default), ocr or text.")] = None,
    languages: Annotated[
        str | None, typer.Option(metavar="CODES", help="What the document is written in, such as de,fr.")
    ] = None,
    layout: Annotated[
        str | None, typer.Option(metavar="LAYOUT", help="full (default), or plain: quicker, without the layout step.")
    ] = None,
    dpi: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=DPI_RANGE[0], max=DPI_RANGE[1], help="Dots an inch of page images; default: 150."
        ),
    ] = None,
    password: Annotated[str | None, typer.Option(metavar="TEXT", help="Opens an encrypted document.")] = None,
    output: Annotated[
        Output, typer.Option("--format", help="What is asked for; pdf is searchable, zip is all.")
    ] = Output.MD,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="PATH", dir_okay=False, help="Where the text goes; default: stdout."),
    ] = None,
) -> None:
    """Reads one document and prints its text.

    Asks the server of --url or GNOSIS_URL, else the one on this machine; where none answers, one is started for this
    document alone. Ctrl-C cancels the job.
    """
    if out is not None and not out.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent}.", param_hint="--out")
    if out is None and output.binary and sys.stdout.isatty():
        raise typer.BadParameter("a terminal does not show it; name a file with --out.", param_hint="--format")
    given = {"pages": pages, "mode": mode, "dpi": dpi, "password": password}
    given |= {"languages": languages, "layout": layout}
    options = {name: str(value) for name, value in given.items() if value is not None}
    order = ReadingOrder(file, options, output.value)
    stdout = sys.stdout
    with faults_as_exit_codes(), answering_server(url, complain) as address:
        reading = asyncio.run(_read(address, order))
        if reading.text is not None:
            _deliver(reading.text, out, stdout)
        if (shortfall := _shortfall(reading.record)) is not None:
            complain(shortfall)
    raise typer.Exit(code_of(reading.record.status))


async def _read(address: str, order: ReadingOrder) -> Reading:
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, task.cancel)  # asyncio.run does the same with SIGINT
    try:
        async with ApiClient(address, key=api_key()) as client:
            with ReadingProgress() as progress:
                return await DocumentReading(client, progress, complain).read(order)
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


def _deliver(text: bytes, out: Path | None, stdout: TextIO) -> None:
    if out is None:
        typer.echo(text, file=stdout, nl=False)
        return
    try:
        out.write_bytes(text)
    except OSError as error:
        complain(f"{out} can't be written: {error.strerror}.")
        raise typer.Exit(ExitCode.FAILED) from None


def _shortfall(record: JobRecord) -> str | None:
    """What is wrong with how the job ended; None where all is well."""
    if record.status is JobStatus.FAILED:
        return "the job failed." if record.error is None else f"{record.error.code}: {record.error.message}"
    if record.status is JobStatus.CANCELLED:
        return "the job was cancelled."
    if record.status is JobStatus.PARTIAL:
        failed = failed_pages(record)
        more = f" and {len(failed) - NAMED_PAGES} more" if len(failed) > NAMED_PAGES else ""
        return f"partial: could not read page {', '.join(failed[:NAMED_PAGES])}{more}."
    return None
