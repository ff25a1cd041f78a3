"""Messages: frozen data that crosses processes, of which one may run the code of the version before.

While a new deployment takes over, its replicas are asked by the old one's hosts, and the other way round. A message is
pickled as the values of its fields in their order. Fields are added at the end, with a default, and never removed or
moved; then who is told less than it knows has the defaults, and who is told more passes over the rest.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

T = TypeVar("T")


def message(cls: type[T]) -> type[T]:
    """Above ``@dataclass(frozen=True, slots=True)``, which by itself leaves fields that it is not told of without a
    value. Unpickling raises TypeError where such a field has no default."""
    known = fields(cls)  # type: ignore[arg-type]  # a dataclass
    names = [each.name for each in known]

    def restore(self: object, state: list[Any]) -> None:
        for name, value in zip(names, state, strict=False):
            object.__setattr__(self, name, value)
        for each in known[len(state) :]:
            object.__setattr__(self, each.name, _default(cls, each))

    cls.__setstate__ = restore  # type: ignore[attr-defined]
    return cls


def _default(cls: type, missing: Field[Any]) -> Any:
    if missing.default_factory is not MISSING:
        return missing.default_factory()
    if missing.default is MISSING:
        raise TypeError(f"{cls.__name__} came without {missing.name}, which has no default.")
    return missing.default
