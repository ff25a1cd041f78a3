"""How ``gnosis-ocr`` ends: one exit code for each kind of end, and a line on stderr instead of a traceback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer

from cluster.errors import GnosisError, RequestRefused, ServerUnreachable, StartupError
from cluster.record import JobStatus


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1
    USAGE = 2
    PARTIAL = 3
    NO_SERVER = 4
    INTERRUPTED = 130


EPILOG = """\b
Exit codes:
    0  ok
    1  the job or the request failed
    2  wrong usage
    3  partial: some pages could not be read
    4  no server answers, or the start failed
  130  interrupted
"""
"""For the end of every help text. A leading ``\\b`` keeps its lines as they are."""

_ENDS = {
    JobStatus.PARTIAL: ExitCode.PARTIAL,
    JobStatus.FAILED: ExitCode.FAILED,
    JobStatus.CANCELLED: ExitCode.FAILED,
}


def code_of(status: JobStatus) -> ExitCode:
    """The exit code that tells how a job ended."""
    return _ENDS.get(status, ExitCode.OK)


def complain(message: str) -> None:
    """A line on stderr."""
    typer.echo(f"gnosis-ocr: {message}", err=True)


@contextmanager
def faults_as_exit_codes() -> Iterator[None]:
    """Every fault that was foreseen becomes a line on stderr and its exit code."""
    try:
        yield
    except (StartupError, ServerUnreachable) as error:
        complain(error.detail)
        raise typer.Exit(ExitCode.NO_SERVER) from None
    except RequestRefused as error:
        complain(f"{error.problem}: {error.detail}")
        raise typer.Exit(ExitCode.FAILED) from None
    except GnosisError as error:
        complain(f"{error.code}: {error.detail}")
        raise typer.Exit(ExitCode.FAILED) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        complain("interrupted.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
