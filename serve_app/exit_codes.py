"""How ``gnosis-ocr`` ends: one exit code for each kind of end, and a line on stderr instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer

from cluster.errors import GnosisError, StartupError


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

_ENDS = {"partial": ExitCode.PARTIAL, "failed": ExitCode.FAILED, "cancelled": ExitCode.FAILED}


def code_of(status: str) -> ExitCode:
    """The exit code that tells how a job ended. status: as in its record."""
    return _ENDS.get(status, ExitCode.OK)


def complain(message: str) -> None:
    """A line on stderr."""
    typer.echo(complaint(message), err=True)


def complaint(message: str) -> str:
    return f"gnosis-ocr: {message}"


@contextmanager
def faults_as_exit_codes() -> Iterator[None]:
    """Every fault that was foreseen becomes a line on stderr and its exit code."""
    try:
        yield
    except StartupError as error:
        complain(error.detail)
        raise typer.Exit(ExitCode.NO_SERVER) from None
    except GnosisError as error:
        complain(error.detail)
        raise typer.Exit(ExitCode.FAILED) from None
    except KeyboardInterrupt:
        complain("interrupted.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
