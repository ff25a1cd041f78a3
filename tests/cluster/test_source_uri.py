"""Addresses of documents in buckets."""

from __future__ import annotations

import pytest

from cluster.errors import OptionInvalid
from cluster.source_uri import SourceUri, parse_source_uri


@pytest.mark.parametrize(
    ("text", "bucket", "name"),
    [
        ("gs://bucket/name.pdf", "bucket", "name.pdf"),
        ("gs://a.b_c-d/deep/er/Brief an Ä?#.pdf", "a.b_c-d", "deep/er/Brief an Ä?#.pdf"),
        ("gs://bucket/100%25.pdf", "bucket", "100%25.pdf"),
    ],
)
def test_an_address(text: str, bucket: str, name: str) -> None:
    assert parse_source_uri(text) == SourceUri(bucket, name)
    assert str(parse_source_uri(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "name.pdf", "gs://", "gs://bucket", "gs://bucket/", "gs:///name.pdf", "GS://bucket/name.pdf"),
        *("https://bucket/name.pdf", "file:///etc/passwd", "gs://a bucket/x", "gs://bücket/x", "gs://bucket/../x"),
        *("gs://bucket/a//b", "gs://bucket/a\0b", "gs://bucket/a\nb", "gs://bucket/" + "x" * 4000, "gs://bucket/.x"),
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(OptionInvalid, match=r"source\.uri"):
        parse_source_uri(text)
