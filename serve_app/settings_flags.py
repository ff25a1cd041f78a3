"""The flags of ``gnosis-ocr serve``: one for every setting, made from the fields of Settings."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Annotated, Any, get_args

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from cluster.settings import Settings

_METAVARS: dict[Any, str] = {int: "N", float: "NUMBER", str: "TEXT", SecretStr: "TEXT"}


def with_settings_flags(command: Callable[..., None]) -> Callable[..., None]:
    """``command(own…, **overrides)`` with a flag for every setting in place of ``**overrides``.

    Only settings whose flag was given reach ``overrides``, as the text that was typed: Settings checks it, just as it
    does with an environment variable, so that a bad value is refused in the same words.
    """
    signature = inspect.signature(command, eval_str=True)
    own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        for name in Settings.model_fields:
            if given[name] is None:
                del given[name]
        command(**given)

    run.__signature__ = signature.replace(parameters=[*_flags(), *own])  # type: ignore[attr-defined]
    return run


def flag_of(name: str) -> str:
    """``ocr_replicas`` → ``--ocr-replicas``."""
    return f"--{name.replace('_', '-')}"


def _flags() -> Iterator[inspect.Parameter]:
    for name, field in Settings.model_fields.items():
        flag = flag_of(name)
        if field.annotation is bool:
            kind: Any = bool | None
            option = typer.Option(f"{flag}/--no-{flag.removeprefix('--')}", help=_help(name, field))
        else:
            kind = str | None
            option = typer.Option(flag, metavar=_metavar(field), help=_help(name, field))
        yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, option])


def _metavar(field: FieldInfo) -> str:
    kinds = [kind for kind in get_args(field.annotation) or (field.annotation,) if kind is not type(None)]
    return _METAVARS.get(kinds[0], "PATH")


def _help(name: str, field: FieldInfo) -> str:
    default = "unset" if field.default is None else str(field.default) or "unset"
    if field.annotation is bool:
        default = "yes" if field.default else "no"
    return f"{field.description} ({Settings.model_config['env_prefix']}{name.upper()}; default: {default})"
