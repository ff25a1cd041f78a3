"""``gnosis-ocr status``: how far a job is."""

from __future__ import annotations

from typing import Annotated

import typer

from gnosis_ocr import AsyncClient, Job
from serve_app.client_calls import called
from serve_app.command_output import JsonOption, print_json, print_json_line
from serve_app.exit_codes import ExitCode, code_of
from serve_app.job_argument import JobArgument
from serve_app.reading.outcome import failed_pages
from serve_app.server_choice import UrlOption


def status(
    job_id: JobArgument,
    watch: Annotated[bool, typer.Option("--watch", help="Follow the job to its end.")] = False,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tells how far a job is.

    Exit code 0 says that the job was found; with --watch the exit code tells how the job ended. --json prints the whole
    record, with --watch a line for each version of it.
    """
    job = called(url, lambda client: _show(client, job_id, as_json=as_json, watch=watch))
    raise typer.Exit(code_of(job.status) if watch else ExitCode.OK)


async def _show(client: AsyncClient, job_id: str, *, as_json: bool, watch: bool) -> Job:
    if not watch:
        job = await client.status(job_id)
        if as_json:
            print_json(dict(job.raw))
        else:
            typer.echo(summary(job))
        return job
    async for job in client.follow(job_id):
        if as_json:
            print_json_line(dict(job.raw))
        else:
            typer.echo(summary(job) if job.terminal else progress_line(job))
    return job


def progress_line(job: Job) -> str:
    """``processing 42 %: 8 of 12 pages extracted, 5 read, 1 of them failed``."""
    if not job.pages:
        return f"{job.status} {job.percent} %"
    failed = f", {job.pages_failed} of them failed" if job.pages_failed else ""
    pages = f"{job.pages_extracted} of {len(job.pages)} pages extracted, {pages_read(job)} read{failed}"
    return f"{job.status} {job.percent} %: {pages}"


def summary(job: Job) -> str:
    """What there is to say of a job, a line each."""
    lines = [
        ("Job", job.job_id),
        ("Document", f"{job.file_info.filename} ({job.file_info.file_size} bytes)"),
        ("Status", f"{job.status}, {job.current_step}, {job.percent} %"),
        ("Message", job.message),
        ("Updated", job.updated_at),
    ]
    if job.pages:
        asked = f"{len(job.pages)} of the document's {job.file_info.total_pages}"
        told = f"{job.pages_extracted} extracted, {pages_read(job)} read, {job.pages_failed} failed"
        lines.append(("Pages", f"{asked}: {told}"))
    if failed := failed_pages(job):
        lines.append(("Failed", ", ".join(failed)))
    if job.error is not None:
        lines.append(("Error", f"{job.error.code}: {job.error.message}"))
    if job.outputs:
        lines.append(("Outputs", ", ".join(sorted(job.outputs))))
    return "\n".join(f"{name:<9} {text}" for name, text in lines if text)


def pages_read(job: Job) -> int:
    """Completed and failed ones."""
    return job.pages_completed + job.pages_failed
