"""URLs of blob stores on Cloud Storage."""

from __future__ import annotations

import pytest

from cluster.blobs.google_address import GoogleAddress, parse_address
from cluster.errors import StartupError


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [
        ("gs://bucket", "bucket", ""),
        ("gs://bucket/", "bucket", ""),
        ("gs://bucket/a", "bucket", "a/"),
        ("gs://bucket/a/b c//", "bucket", "a/b c/"),
        ("gs://my_bucket-1.example.org/ä", "my_bucket-1.example.org", "ä/"),
        (f"gs://{'b' * 63}/{'p' * 200}/{'p' * 200}", "b" * 63, f"{'p' * 200}/{'p' * 200}/"),
    ],
)
def test_sound_addresses(url: str, bucket: str, prefix: str) -> None:
    assert parse_address(url) == GoogleAddress(bucket, prefix)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("gs://", "names no bucket"),
        ("gs:///prefix", "names no bucket"),
        ("gcs://bucket", "names no bucket"),
        ("gs://bucket?x=1", "query or a fragment"),
        ("gs://bucket/a#b", "query or a fragment"),
        ("gs://Bucket/a", "can be called 'Bucket'"),
        ("gs://ab", "can be called 'ab'"),
        ("gs://-ab-", "can be called"),
        ("gs://a b", "can be called"),
        ("gs://user@host/a", "can be called"),
        ("gs://bucket:80/a", "can be called"),
        (f"gs://{'b' * 64}", "can be called"),
        ("gs://bucket//a", "prefix"),
        ("gs://bucket/a/../b", "prefix"),
        ("gs://bucket/.hidden", "prefix"),
        ("gs://bucket/" + "/".join(["p" * 200] * 3), "more than 512 bytes"),
    ],
)
def test_malformed_addresses_are_told_in_one_line(url: str, reason: str) -> None:
    with pytest.raises(StartupError, match=reason) as caught:
        parse_address(url)
    assert "\n" not in caught.value.detail
