"""A page's result is read back as it was written, and its coordinates change unit as one."""

from __future__ import annotations

from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.errors import BlobCorrupt
from cluster.page_text import Line, PageResult, PageText, decode_result, encode_result
from tests.cluster.strategies import json_values, page_results

RESULT = PageResult(
    job_id="job",
    page=3,
    run=1,
    epoch=2,
    attempts=1,
    width=612.0,
    height=792.0,
    image="page_003.png",
    image_width=1275,
    image_height=1650,
    read=PageText(
        "Dear Ada", (Line("Dear Ada", (10, 20, 110, 40), 0.98, (0, 0, 100, 0, 100, 20, 0, 20)),), engine="null"
    ),
)


@given(page_results)
def test_result_survives_the_store(result: PageResult) -> None:
    assert decode_result(encode_result(result)) == result


def test_fields_of_later_versions_are_ignored() -> None:
    fields = orjson.loads(encode_result(RESULT)) | {"colour": "red"}
    fields["read"]["colour"] = "red"
    fields["read"]["lines"][0]["colour"] = "red"
    assert decode_result(orjson.dumps(fields)) == RESULT


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{}", b'{"read": 5}', b'{"read": {"text": "x"}}'])
def test_what_is_no_result_is_corrupt(data: bytes) -> None:
    with pytest.raises(BlobCorrupt):
        decode_result(data)


@given(st.integers(0, 200))
def test_a_torn_result_is_corrupt(length: int) -> None:
    with pytest.raises(BlobCorrupt):
        decode_result(encode_result(RESULT)[:length])


@given(st.sampled_from(sorted(orjson.loads(encode_result(RESULT)))), json_values)
def test_any_value_anywhere_is_read_or_refused(name: str, value: object) -> None:
    with suppress(BlobCorrupt):
        result = decode_result(orjson.dumps(orjson.loads(encode_result(RESULT)) | {name: value}))
        assert decode_result(encode_result(result)) == result


def test_scaled_changes_boxes_and_nothing_else() -> None:
    half = RESULT.read.scaled(0.48)
    assert half.lines[0].bbox == (4.8, 9.6, 52.8, 19.2)
    assert half.lines[0].quad == (0, 0, 48, 0, 48, 9.6, 0, 9.6)
    assert (half.text, half.lines[0].confidence, half.engine) == ("Dear Ada", 0.98, "null")


def test_scaled_leaves_a_missing_quad_missing() -> None:
    assert PageText("a", (Line("a", (0, 0, 1, 1), 1.0),)).scaled(2).lines[0].quad is None
