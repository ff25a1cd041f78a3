from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.outputs.json_output import SCHEMA_VERSION, JsonOutput
from actors.outputs.page import OutputPage
from cluster.page_text import Line
from tests.actors.outputs.results import DOCUMENT, FAILED, output_page, without_boxes

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/result.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def written(*pages: OutputPage) -> Any:
    """Checked against the schema that is documented."""
    writer = JsonOutput(DOCUMENT)
    made = json.loads(b"".join([writer.begin(), *map(writer.page, pages), writer.end()]))
    VALIDATOR.validate(made)
    return made


def test_everything_that_was_read_is_there() -> None:
    made = written(output_page(rotation=90, skew=-1.5, layout="model 1", confidence=0.8), FAILED, without_boxes(3))
    assert (made["schema_version"], made["job_id"]) == (SCHEMA_VERSION, "job-1")
    assert made["document"] == {"filename": "letter & more.pdf", "file_type": "pdf", "total_pages": 3}
    first, second, third = made["pages"]
    assert (first["page"], first["width"], first["image_height"], first["rotation"]) == (1, 300, 800, 90)
    assert (first["skew"], first["layout"], first["confidence"], first["source"]) == (-1.5, "model 1", 0.8, "ocr")
    assert first["lines"][2] == {
        "text": "ple of <words> & signs",
        "bbox": [50, 64, 250, 76],
        "confidence": 1.0,
        "quad": [50, 64, 250, 64, 250, 76, 50, 76],
    }
    assert [block["kind"] for block in first["blocks"]] == ["page_header", "paragraph", "table", "figure"]
    assert first["blocks"][2]["cells"][1]["column_span"] == 2
    assert second == {"page": 2, "status": "failed", "error": {"code": "engine_failed", "message": "It broke."}}
    assert (third["lines"], third["markdown"]) == ([], "# text")


def test_no_pages_are_a_whole_result() -> None:
    assert written()["pages"] == []


def test_a_page_that_lacks_what_it_should_have_does_not_pass_the_schema() -> None:
    made = written(output_page())
    del made["pages"][0]["lines"]
    assert not VALIDATOR.is_valid(made)


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet=st.characters(categories=None), max_size=20))
def test_any_text_is_carried(text: str) -> None:
    made = written(output_page(lines=(Line(text, (0, 0, 1, 1), 1),), blocks=()))
    assert made["pages"][0]["lines"][0]["text"] == text.encode("utf-8", "replace").decode()
