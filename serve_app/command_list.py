"""``gnosis-ocr list``: the caller's jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from gnosis_ocr import AsyncClient, Job, JobStatus
from serve_app.client_calls import called
from serve_app.command_output import JsonOption, print_json
from serve_app.server_choice import UrlOption

LIMIT = 20
STATUSES = tuple(status.value for status in JobStatus if status is not JobStatus.UNKNOWN)


def _checked_status(value: str | None) -> str | None:
    if value is not None and value not in STATUSES:
        raise typer.BadParameter(f"{value!r} is none of {', '.join(STATUSES)}.")
    return value


def list_jobs(
    status: Annotated[
        str | None,
        typer.Option(
            metavar="STATUS",
            callback=_checked_status,
            autocompletion=lambda incomplete: [each for each in STATUSES if each.startswith(incomplete)],
            help=f"Only jobs of this status: {', '.join(STATUSES)}.",
        ),
    ] = None,
    session_id: Annotated[str | None, typer.Option(metavar="TEXT", help="Only jobs of this session.")] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="Most jobs.")] = LIMIT,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lists your jobs, newest first."""
    jobs = called(url, lambda client: _first(client, status, session_id, limit))
    if as_json:
        print_json({"jobs": [dict(job.raw) for job in jobs]})
    elif jobs:
        typer.echo(table(jobs))


async def _first(client: AsyncClient, status: str | None, session_id: str | None, limit: int) -> list[Job]:
    jobs: list[Job] = []
    async for job in client.jobs(status=status, session_id=session_id):
        jobs.append(job)
        if len(jobs) == limit:
            break
    return jobs


def table(jobs: Sequence[Job]) -> str:
    """A line for each: id, when it was submitted, how far it is, its document."""
    lines = []
    for job in jobs:
        submitted = job.created_at[:19].replace("T", " ")
        pages = job.file_info.total_pages
        counted = f"{pages} page{'' if pages == 1 else 's'}" if pages else ""
        how_far = job.status.value if job.terminal else f"{job.status} {job.percent} %"
        lines.append(f"{job.job_id}  {submitted}  {how_far:<16}  {counted:>11}  {job.file_info.filename}")
    return "\n".join(lines)
