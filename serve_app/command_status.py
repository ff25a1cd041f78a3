"""``gnosis-ocr status``: how far a job is."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cluster.record import JobRecord
from serve_app.api_client import ApiClient
from serve_app.exit_codes import ExitCode, code_of, faults_as_exit_codes
from serve_app.page_counts import failed_pages, page_counts
from serve_app.server_choice import UrlOption, api_key, named_or_usual


def status(
    job_id: Annotated[str, typer.Argument(metavar="JOB_ID", help="As `read` and the API tell it.")],
    url: UrlOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole record, as it is stored.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Follow the job to its end.")] = False,
) -> None:
    """Tells how far a job is.

    Exit code 0 says that the job was found; with --watch the exit code tells how the job ended.
    """
    with faults_as_exit_codes():
        record = asyncio.run(_show(named_or_usual(url), job_id, as_json=as_json, watch=watch))
    raise typer.Exit(code_of(record.status) if watch else ExitCode.OK)


async def _show(url: str, job_id: str, *, as_json: bool, watch: bool) -> JobRecord:
    async with ApiClient(url, key=api_key()) as client:
        snapshot = await client.status(job_id)
        while watch and not snapshot.record.terminal:
            typer.echo(snapshot.data if as_json else progress_line(snapshot.record))
            snapshot = await client.changed(snapshot)
        typer.echo(snapshot.data if as_json else summary(snapshot.record))
        return snapshot.record


def progress_line(record: JobRecord) -> str:
    """``processing 42 %: 8 of 12 pages extracted, 5 read, 1 of them failed``."""
    counts = page_counts(record)
    if counts.total is None:
        return f"{record.status} {record.percent} %"
    failed = f", {counts.failed} of them failed" if counts.failed else ""
    pages = f"{counts.extracted} of {counts.total} pages extracted, {counts.read} read{failed}"
    return f"{record.status} {record.percent} %: {pages}"


def summary(record: JobRecord) -> str:
    """What there is to say of a job, a line each."""
    lines = [
        ("Job", record.job_id),
        ("Document", f"{record.file_info.filename} ({record.file_info.file_size} bytes)"),
        ("Status", f"{record.status}, {record.current_step}, {record.percent} %"),
        ("Message", record.message),
        ("Updated", record.updated_at),
    ]
    counts = page_counts(record)
    if counts.total is not None:
        asked = f"{counts.total} of the document's {record.file_info.total_pages}"
        lines.append(("Pages", f"{asked}: {counts.extracted} extracted, {counts.read} read, {counts.failed} failed"))
    if failed := failed_pages(record):
        lines.append(("Failed", ", ".join(failed)))
    if record.error is not None:
        lines.append(("Error", f"{record.error.code}: {record.error.message}"))
    if record.outputs:
        lines.append(("Outputs", ", ".join(sorted(record.outputs))))
    return "\n".join(f"{name:<9} {text}" for name, text in lines if text)
