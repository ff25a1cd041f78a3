"""How commands talk to a server: through the project's client, interrupted in good order, its errors as exit codes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import typer

from cluster.errors import GnosisError as OwnError
from gnosis_ocr import AsyncClient, GnosisError, RequestRefused, ServerUnreachable
from serve_app.exit_codes import ExitCode, complain, faults_as_exit_codes
from serve_app.server_choice import named_or_usual

T = TypeVar("T")


def called(url: str | None, call: Callable[[AsyncClient], Awaitable[T]]) -> T:
    """What the call returns. url: of the server, default: the usual one. typer.Exit, after a line that tells why."""
    with client_faults_as_exit_codes():
        return run_interruptibly(_called(named_or_usual(url), call))


async def _called(url: str, call: Callable[[AsyncClient], Awaitable[T]]) -> T:
    async with AsyncClient(url) as client:
        return await call(client)


def run_interruptibly(task: Awaitable[T]) -> T:
    """As asyncio.run. SIGTERM cancels the task as Ctrl-C does; either ends by KeyboardInterrupt.

    Of several faults that ended it together the first is raised, such as that nobody takes what is printed.
    """
    try:
        return asyncio.run(_terminable(task))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    except ExceptionGroup as group:
        raise group.exceptions[0] from None


async def _terminable(awaited: Awaitable[T]) -> T:
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, task.cancel)  # asyncio.run does the same with SIGINT
    try:
        return await awaited
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


@contextmanager
def client_faults_as_exit_codes() -> Iterator[None]:
    """Every fault that was foreseen, the client's and our own, becomes a line on stderr and its exit code."""
    try:
        with faults_as_exit_codes():
            yield
    except GnosisError as error:
        complain(told(error))
        raise typer.Exit(code_of_fault(error)) from None


def told(error: GnosisError | OwnError) -> str:
    """For people: with the server's code where it gave one."""
    return f"{error.code}: {error.detail}" if isinstance(error, RequestRefused) else error.detail


def fault_code(error: GnosisError) -> str:
    """For programs: the server's own, or what kept a document or an order from reaching it."""
    if isinstance(error, RequestRefused):
        return error.code
    return "server_unreachable" if isinstance(error, ServerUnreachable) else "file_unreadable"


def fault_line(error: GnosisError) -> dict[str, Any]:
    """What went wrong, as a part of a JSON line."""
    return {"error": {"code": fault_code(error), "message": error.detail}}


def code_of_fault(error: Exception) -> ExitCode:
    return ExitCode.NO_SERVER if isinstance(error, ServerUnreachable) else ExitCode.FAILED
