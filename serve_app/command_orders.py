"""``gnosis-ocr cancel``, ``retry`` and ``delete``: orders to jobs, each by itself: one that fails stops no other."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import typer

from gnosis_ocr import AsyncClient, GnosisError, ServerUnreachable
from serve_app.client_calls import called, code_of_fault, fault_line, told
from serve_app.command_output import JsonOption, print_json_line
from serve_app.document_options import PasswordOption
from serve_app.exit_codes import ExitCode, complain
from serve_app.job_argument import JobsArgument
from serve_app.reading.outcome import worst
from serve_app.server_choice import UrlOption

Order = Callable[[AsyncClient, str], Awaitable[str]]
"""Carries it out for one job, and returns what has become of the job."""


def cancel(jobs: JobsArgument, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Stops jobs; what was read stays."""

    async def order(client: AsyncClient, job_id: str) -> str:
        await client.cancel(job_id)
        return "cancelled"

    _give(order, jobs, url, as_json=as_json)


def retry(
    jobs: JobsArgument, password: PasswordOption = None, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """Reads what failed or was skipped once more.

    Does not wait; `status --watch` does.
    """

    async def order(client: AsyncClient, job_id: str) -> str:
        job = await client.retry(job_id, password=password)
        return f"run {job.run}"

    _give(order, jobs, url, as_json=as_json)


def delete(
    jobs: JobsArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Removes jobs and all that is stored of them, for good."""
    if not yes:
        if not somebody_is_there():
            raise typer.BadParameter("nobody can be asked here; say --yes.", param_hint="--yes")
        what, them = (f"the job {jobs[0]}", "it") if len(jobs) == 1 else (f"{len(jobs)} jobs", "them")
        try:
            wanted = typer.confirm(f"Remove {what} and all that is stored of {them}, for good?", err=True)
        except typer.Abort:  # Ctrl-C, or the end of the input
            complain("interrupted.")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        if not wanted:
            raise typer.Exit(ExitCode.OK)

    async def order(client: AsyncClient, job_id: str) -> str:
        await client.delete(job_id)
        return "deleted"

    _give(order, jobs, url, as_json=as_json)


def somebody_is_there() -> bool:
    """Who could be asked."""
    return sys.stdin.isatty()


def _give(order: Order, jobs: Sequence[str], url: str | None, *, as_json: bool) -> None:
    code = called(url, lambda client: _carry_out(client, order, list(dict.fromkeys(jobs)), as_json=as_json))
    raise typer.Exit(code)


async def _carry_out(client: AsyncClient, order: Order, jobs: Sequence[str], *, as_json: bool) -> ExitCode:
    codes = [ExitCode.OK]
    for job_id in jobs:
        try:
            became = await order(client, job_id)
        except ServerUnreachable:
            raise
        except GnosisError as error:
            codes.append(code_of_fault(error))
            complain(f"{job_id}: {told(error)}")
            if as_json:
                print_json_line({"job_id": job_id, **fault_line(error)})
            continue
        if as_json:
            print_json_line({"job_id": job_id, "outcome": became})
        else:
            typer.echo(f"{job_id} {became}")
    return worst(codes)
