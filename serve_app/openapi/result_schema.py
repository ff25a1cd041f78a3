"""The schema of the format ``json``; ``python -m serve_app.openapi.result_schema`` prints it to stand on its own.

That is docs/result.schema.json; a test holds the two together.
"""

from __future__ import annotations

import json
from typing import Any

from actors.outputs.json_output import SCHEMA_VERSION
from cluster.page_text import BlockKind
from serve_app.openapi.dataclass_schema import Schema
from serve_app.openapi.operation import TEXT, ref

_NAMES = ("Result", "ResultPage", "ResultLine", "ResultBlock", "ResultCell")
_COMPONENTS = "#/components/schemas/"
_COUNT: Schema = {"type": "integer", "minimum": 0}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_BOX: Schema = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 4,
    "maxItems": 4,
    "description": "x0, y0, x1, y1 in points, from the top left of the page as displayed.",
}
_QUAD: Schema = {
    "type": ["array", "null"],
    "items": {"type": "number"},
    "minItems": 8,
    "maxItems": 8,
    "description": "Four corners x, y from the line's own top left, clockwise in reading direction; null: as bbox.",
}


def result_schemas() -> dict[str, Schema]:
    """By name, among the API's schemas."""
    return {
        "Result": _result(),
        "ResultPage": _page(),
        "ResultLine": _object({"text": TEXT, "bbox": _BOX, "confidence": _SHARE, "quad": _QUAD}, "One line of text."),
        "ResultBlock": _block(),
        "ResultCell": _cell(),
    }


def standing_alone() -> dict[str, Any]:
    """The same as a JSON Schema of its own."""
    known = result_schemas()
    text = json.dumps({**known["Result"], "$defs": {name: known[name] for name in _NAMES[1:]}})
    schema: dict[str, Any] = json.loads(text.replace(_COMPONENTS, "#/$defs/"))
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "gnosis-ocr: the format json"}
    return {**about, **schema}


def _result() -> Schema:
    document = _object(
        {"filename": TEXT, "file_type": TEXT, "total_pages": _COUNT}, "The document, with all its pages counted."
    )
    return _object(
        {
            "schema_version": {"const": SCHEMA_VERSION},
            "job_id": TEXT,
            "document": document,
            "pages": {"type": "array", "items": ref("ResultPage"), "description": "In order; none that was skipped."},
        },
        "All that was read of a document.",
    )


def _page() -> Schema:
    error = _object({"code": TEXT, "message": TEXT}, "Why the page could not be read.")
    of_all: dict[str, Schema] = {
        "page": {"type": "integer", "minimum": 1},
        "status": {"enum": ["completed", "failed"]},
        "error": {"anyOf": [{"type": "null"}, error]},
    }
    read: dict[str, Schema] = {
        "width": {"type": "number", "description": "Points, as displayed; height likewise."},
        "height": {"type": "number"},
        "image_width": {**_COUNT, "description": "Pixels of the page image, made already or on request."},
        "image_height": _COUNT,
        "rotation": {"enum": [0, 90, 180, 270], "description": "Degrees clockwise that turn the page upright."},
        "skew": {"type": "number", "description": "Degrees clockwise by which lines run askew, once it is turned."},
        "source": {**TEXT, "examples": ["ocr", "embedded"]},
        "engine": TEXT,
        "engine_version": TEXT,
        "layout": {"type": ["string", "null"], "description": "What arranged the lines, null where nothing did."},
        "confidence": {"anyOf": [{"type": "null"}, _SHARE]},
        "reason": {"type": ["string", "null"], "description": "What was out of the ordinary."},
        "text": TEXT,
        "markdown": {"type": ["string", "null"]},
        "lines": {"type": "array", "items": ref("ResultLine"), "description": "None where the engine gives no boxes."},
        "blocks": {"type": "array", "items": ref("ResultBlock"), "description": "In reading order."},
    }
    schema = _object({**of_all, **read}, "A page. One that could not be read has its number, status and error alone.")
    completed = {"properties": {"status": {"const": "completed"}}}
    return {**schema, "required": list(of_all), "if": completed, "then": {"required": list(read)}}


def _block() -> Schema:
    fields: dict[str, Schema] = {
        "kind": {"enum": [kind.value for kind in BlockKind]},
        "bbox": _BOX,
        "lines": {"type": "array", "items": _COUNT, "description": "Places in the page's lines, from 0."},
        "text": TEXT,
        "markdown": TEXT,
        "level": {**_COUNT, "description": "Of a heading, 1 to 6; of a list item, how deep; else 0."},
        "cells": {"type": "array", "items": ref("ResultCell"), "description": "Of a table."},
    }
    return _object(fields, "A part of a page that is read in one go. Running headers and footers are among them.")


def _cell() -> Schema:
    one = {"type": "integer", "minimum": 1}
    fields = {"row": _COUNT, "column": _COUNT, "row_span": one, "column_span": one, "text": TEXT, "bbox": _BOX}
    return _object(fields, "A cell of a table, rows and columns counted from 0.")


def _object(properties: dict[str, Schema], description: str) -> Schema:
    return {"type": "object", "description": description, "properties": properties, "required": list(properties)}


if __name__ == "__main__":
    print(json.dumps(standing_alone(), indent=2))
