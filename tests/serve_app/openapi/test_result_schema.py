from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from serve_app.openapi.result_schema import result_schemas, standing_alone

DOCUMENTED = Path(__file__).parents[3] / "docs/result.schema.json"


def test_the_documented_schema_is_this_one() -> None:
    """`python -m serve_app.openapi.result_schema > docs/result.schema.json`"""
    assert json.loads(DOCUMENTED.read_text("utf-8")) == standing_alone()


def test_it_stands_alone_and_is_sound() -> None:
    schema = standing_alone()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "#/components" not in json.dumps(schema)
    assert {"Result", *schema["$defs"]} == set(result_schemas())
