"""The flags of ``gnosis-ocr serve``: one for every setting, made from the fields of Settings."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Annotated, Any, get_args

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from cluster.settings import Settings
from serve_app.flag_groups import flag, with_flags

_METAVARS: dict[Any, str] = {int: "N", float: "NUMBER", str: "TEXT", SecretStr: "TEXT"}


def with_settings_flags(command: Callable[..., None]) -> Callable[..., None]:
    """``command`` with a flag for every setting in place of its parameter ``overrides``.

    Only settings whose flag was given reach ``overrides``, as the text that was typed: Settings checks it, just as it
    does with an environment variable, so that a bad value is refused in the same words.
    """
    return with_flags(command, "overrides", _flags())


def flag_of(name: str) -> str:
    """``ocr_replicas`` → ``--ocr-replicas``."""
    return f"--{name.replace('_', '-')}"


def _flags() -> Iterator[inspect.Parameter]:
    for name, field in Settings.model_fields.items():
        spelt = flag_of(name)
        if field.annotation is bool:
            kind: Any = bool | None
            option = typer.Option(f"{spelt}/--no-{spelt.removeprefix('--')}", help=_help(name, field))
        else:
            kind = str | None
            option = typer.Option(spelt, metavar=_metavar(field), help=_help(name, field))
        yield flag(name, Annotated[kind, option])


def _metavar(field: FieldInfo) -> str:
    kinds = [kind for kind in get_args(field.annotation) or (field.annotation,) if kind is not type(None)]
    return _METAVARS.get(kinds[0], "PATH")


def _help(name: str, field: FieldInfo) -> str:
    default = "unset" if field.default is None else str(field.default) or "unset"
    if field.annotation is bool:
        default = "yes" if field.default else "no"
    return f"{field.description} ({Settings.model_config['env_prefix']}{name.upper()}; default: {default})"
