"""The schema of a custom resource, made strict: what it does not name is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

PRESERVE = "x-kubernetes-preserve-unknown-fields"


def schema_of(definition: Path, version: str) -> dict[str, Any]:
    """A strict JSON schema from the file of a CustomResourceDefinition."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = yaml.load(definition.read_text("utf-8"), Loader=loader)
    (schema,) = [one["schema"] for one in found["spec"]["versions"] if one["name"] == version]
    strict: dict[str, Any] = made_strict(schema["openAPIV3Schema"])
    # Kubernetes itself checks these two of every resource.
    strict["properties"]["metadata"] = {"type": "object"}
    return strict


def made_strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [made_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: made_strict(value) for name, value in schema.items()}
    if schema.get("x-kubernetes-int-or-string") is True:
        strict["type"] = ["integer", "string"]
    named = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    if named and not schema.get(PRESERVE) and "additionalProperties" not in schema:
        strict["additionalProperties"] = False
    return strict
