"""The engines by name: a kind, and where it takes one, an argument after a colon, as in ``transformers:folder``.

To add an engine is to add a module here: it holds a SPEC, and its name is the kind (a hyphen stands as an underscore).
What the engine needs is imported when it is made, in its replica: the driver and the other pools never load it.
"""

from __future__ import annotations

import importlib
import pkgutil
import re

from actors.ocr.engine import BatchLimits, Engine
from actors.ocr.engines.spec import EngineOptions, EngineSpec
from cluster.errors import StartupError

_SHARED = "spec"


def known_kinds() -> tuple[str, ...]:
    return tuple(
        sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__) if module.name != _SHARED)
    )


def full_name(name: str) -> str:
    """The name with an omitted argument filled in. StartupError: it is unknown, or its argument is wrong."""
    kind, _, argument = name.partition(":")
    spec = _spec(kind)
    if spec.default_argument is None:
        if argument:
            raise StartupError(f"The engine {kind!r} takes nothing after a colon, but {argument!r} stands there.")
        return kind
    argument = argument or spec.default_argument
    if not argument:
        raise StartupError(f"The engine {kind!r} must be followed by a colon and {spec.argument}.")
    return f"{kind}:{argument}"


def make_engine(name: str, options: EngineOptions) -> Engine:
    """A new engine, not loaded yet. StartupError: the name is unknown, or an option is wrong."""
    kind, _, argument = full_name(name).partition(":")
    return _spec(kind).make(argument, options, batch_limits(name, options))


def engine_spec(name: str) -> EngineSpec:
    """What is known of it without making it. StartupError: the name is unknown."""
    return _spec(name.partition(":")[0])


def check_engine(name: str, options: EngineOptions) -> str:
    """What is there of all that the engine needs to load on this machine; may take seconds. StartupError: what is not.

    Whatever else goes wrong while its packages are imported is told as a StartupError, too.
    """
    kind, _, argument = full_name(name).partition(":")
    check = _spec(kind).check
    if check is None:
        return "needs nothing"
    try:
        return check(argument, options)
    except StartupError:
        raise
    except Exception as error:  # a package that is broken breaks in its own way
        raise StartupError(f"The engine {kind} can't load here: {type(error).__name__} {error}") from error


def batch_limits(name: str, options: EngineOptions) -> BatchLimits:
    """What the engine will be given as its limits, without making it. StartupError: the name is unknown."""
    spec = engine_spec(name)
    limits = spec.limits
    pages = limits.pages if spec.pages is None else spec.pages(options)
    return BatchLimits(
        pages=pages if options.batch_size is None else options.batch_size,
        pixels=limits.pixels,
        wait_ms=limits.wait_ms if options.batch_wait_ms is None else options.batch_wait_ms,
    )


def _spec(kind: str) -> EngineSpec:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", kind) or kind not in known_kinds():
        raise StartupError(f"There is no engine {kind!r}; known are {', '.join(known_kinds())}.")
    spec: EngineSpec = importlib.import_module(f"{__name__}.{kind.replace('-', '_')}").SPEC
    return spec
