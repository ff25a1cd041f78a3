"""JSON schemas drawn from the dataclasses of what is answered, so that no field is forgotten in one of the two."""

from __future__ import annotations

import types
from collections.abc import Collection, Mapping
from dataclasses import MISSING, Field, fields
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

Schema = dict[str, Any]
_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Any: {},
}
PAGE_NUMBER: Schema = {"pattern": "^[1-9][0-9]*$"}


def object_schema(
    cls: type,
    *,
    leave_out: Collection[str] = (),
    instead: Mapping[str, Schema] | None = None,
    notes: Mapping[str, str] | None = None,
    complete: bool = False,
) -> Schema:
    """An object with the fields of the dataclass ``cls``; its docstring describes it.

    instead: schemas that say more than the field's type does. notes: descriptions by field. complete: every field is
    always there; else those with a default may be missing, for an earlier version that stored it did not have them.
    """
    hints = get_type_hints(cls)
    known = [field for field in fields(cls) if field.name not in leave_out]
    properties = {
        field.name: dict((instead or {}).get(field.name) or schema_of(hints[field.name], complete)) for field in known
    }
    for name, note in (notes or {}).items():
        properties[name]["description"] = note
    return {
        "type": "object",
        "description": " ".join((cls.__doc__ or "").split()),
        "properties": properties,
        "required": [field.name for field in known if complete or _has_no_default(field)],
    }


def schema_of(kind: Any, complete: bool = False) -> Schema:
    """The schema of values of a type: plain ones, enums, dataclasses, unions with None, mappings and sequences."""
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [member.value for member in kind]}
    if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__"):
        return object_schema(kind, complete=complete)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [{"type": "null"} if one is type(None) else schema_of(one, complete) for one in arguments]}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        names = PAGE_NUMBER if arguments[0] is int else {}
        values = schema_of(arguments[1], complete)
        return {"type": "object", "additionalProperties": values or True, **({"propertyNames": names} if names else {})}
    if origin in (tuple, list):
        return {"type": "array", "items": schema_of(arguments[0], complete)}
    raise TypeError(f"There is no schema for {kind!r}.")


def _has_no_default(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING
