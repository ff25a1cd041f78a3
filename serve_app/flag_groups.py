"""Groups of flags: one parameter of a command stands for several, which typer sees in its place."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any


def with_flags(command: Callable[..., None], group: str, flags: Iterable[inspect.Parameter]) -> Callable[..., None]:
    """``command`` with ``flags`` in the place of its parameter ``group``, which gets those that were given, by name."""
    signature = inspect.signature(command, eval_str=True)
    flags = tuple(flags)
    parameters: list[inspect.Parameter] = []
    for each in signature.parameters.values():
        parameters += flags if each.name == group else [each.replace(kind=inspect.Parameter.KEYWORD_ONLY)]

    @functools.wraps(command)
    def run(**values: Any) -> None:
        told = {flag.name: values.pop(flag.name) for flag in flags}
        command(**values, **{group: {name: value for name, value in told.items() if value is not None}})

    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return run


def flag(name: str, annotation: Any) -> inspect.Parameter:
    """annotation: as typer reads it, of a value that is None where the flag was not given."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
