"""Schemas drawn from dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import pytest

from serve_app.openapi.dataclass_schema import object_schema, schema_of


class Colour(StrEnum):
    RED = "red"


@dataclass
class Inner:
    """Something inside."""

    x: float
    y: bool = False


@dataclass
class Outer:
    """Something."""

    name: str
    colour: Colour
    many: tuple[Inner, ...]
    numbered: Mapping[int, str]
    maybe: Inner | None = None


def test_every_kind_of_field() -> None:
    schema = object_schema(Outer)
    inner = schema_of(Inner)
    assert schema["description"] == "Something."
    assert schema["required"] == ["name", "colour", "many", "numbered"]
    properties = schema["properties"]
    assert properties["name"] == {"type": "string"}
    assert properties["colour"] == {"type": "string", "enum": ["red"]}
    assert properties["many"] == {"type": "array", "items": inner}
    assert properties["numbered"]["additionalProperties"] == {"type": "string"}
    assert properties["maybe"] == {"anyOf": [inner, {"type": "null"}]}
    assert inner["required"] == ["x"]


def test_what_is_always_there_is_required_down_to_the_innermost() -> None:
    schema = object_schema(Outer, complete=True)
    assert schema["required"][-1] == "maybe"
    assert schema["properties"]["many"]["items"]["required"] == ["x", "y"]


def test_a_field_can_be_left_out_said_better_and_explained() -> None:
    schema = object_schema(Outer, leave_out=("many",), instead={"name": {"const": "a"}}, notes={"name": "Its name."})
    assert schema["properties"]["name"] == {"const": "a", "description": "Its name."}
    assert "many" not in schema["properties"]
    assert "many" not in schema["required"]


def test_an_unknown_kind_is_an_error_and_no_empty_schema() -> None:
    with pytest.raises(TypeError, match="complex"):
        schema_of(complex)
