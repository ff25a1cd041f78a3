"""``gnosis-ocr submit``: documents in, the ids of their jobs out; nobody waits."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from gnosis_ocr import AsyncClient, GnosisError, Job, JobOptions, ServerUnreachable
from gnosis_ocr.sources import uri_of
from serve_app.client_calls import called, code_of_fault, fault_line, told
from serve_app.command_output import JsonOption, print_json_line
from serve_app.document_options import FilesArgument, with_document_options
from serve_app.exit_codes import ExitCode, complain
from serve_app.reading.documents import gather
from serve_app.reading.outcome import worst
from serve_app.server_choice import UrlOption

AT_ONCE = 4


@with_document_options
def submit(
    files: FilesArgument,
    options: Mapping[str, Any],
    session_id: Annotated[
        str | None, typer.Option("--session-id", metavar="TEXT", help="Groups jobs; default: each its own.")
    ] = None,
    callback_url: Annotated[
        str | None, typer.Option("--callback-url", metavar="URL", help="Gets the record when the job ends.")
    ] = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Submits documents and prints the ids of their jobs.

    Does not wait; `status --watch` does. A line for each, in order; gs://BUCKET/NAME names a document in a bucket.
    """
    sources, nothing = _gathered(files)
    for name, why in nothing:
        complain(f"{name}: {why}.")
        if as_json:
            print_json_line({"file": name, "error": {"code": "file_not_found", "message": f"{why}."}})
    if not sources:
        raise typer.Exit(ExitCode.USAGE)
    asked: Any = {**options, "session_id": session_id, "callback_url": callback_url}
    code = called(url, lambda client: _submit(client, sources, asked, as_json=as_json))
    raise typer.Exit(worst([code, ExitCode.FAILED]) if nothing else code)


def _gathered(names: Sequence[str]) -> tuple[list[Path | str], list[tuple[str, str]]]:
    """Files and addresses, each once, in the order in which they are named; and what led to nothing, and why."""
    sources: dict[str, Path | str] = {}
    nothing: list[tuple[str, str]] = []
    for name in names:
        if (uri := uri_of(name)) is not None:
            sources.setdefault(uri, uri)
            continue
        gathered = gather([name])
        nothing += gathered.nothing
        for document in gathered.documents:
            sources.setdefault(os.path.realpath(document), document)
    return list(sources.values()), nothing


async def _submit(
    client: AsyncClient, sources: Sequence[Path | str], options: JobOptions, *, as_json: bool
) -> ExitCode:
    """A few at a time; told of in order. What is interrupted stays submitted as far as it had come."""
    places = asyncio.Semaphore(AT_ONCE)
    lost = False

    async def submitted(source: Path | str) -> Job | GnosisError:
        nonlocal lost
        async with places:
            if lost:
                return ServerUnreachable("not tried: the server had stopped answering.")
            try:
                return await client.submit(source, **options)
            except GnosisError as error:
                lost = lost or isinstance(error, ServerUnreachable)
                return error

    codes = [ExitCode.OK]
    async with asyncio.TaskGroup() as tasks:
        submissions = [(source, tasks.create_task(submitted(source))) for source in sources]
        for source, submission in submissions:
            answer = await submission
            if isinstance(answer, GnosisError):
                codes.append(code_of_fault(answer))
                complain(f"{source}: {told(answer)}")
            elif not as_json:
                typer.echo(answer.job_id)
            if as_json:
                line = fault_line(answer) if isinstance(answer, GnosisError) else {"job_id": answer.job_id}
                print_json_line({"file": str(source), **line})
    return worst(codes)
