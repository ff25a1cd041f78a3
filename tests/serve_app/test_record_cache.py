"""Decoded records: the same one while its blob is the same, within the bounds."""

from __future__ import annotations

import pytest

from cluster.blobs.port import Blob
from cluster.record import JobRecord, Tombstone, encode
from serve_app.found import Found
from serve_app.record_cache import RecordCache
from tests.serve_app.builders import ended, job_record


def _blob(record: JobRecord | Tombstone, generation: int = 1) -> Blob:
    return Blob(encode(record), generation)


def test_a_record_is_decoded_once_for_each_generation() -> None:
    cache, record = RecordCache(), job_record()
    first = cache.found("a", _blob(record))
    assert cache.found("a", _blob(record)) is first
    assert not cache.has_ended("a")
    assert cache.found("a", _blob(ended(record), 2)) == Found(ended(record), encode(ended(record)))
    assert cache.has_ended("a")
    cache.forget("a")
    assert not cache.has_ended("a")


def test_a_tombstone_takes_the_place_of_its_record() -> None:
    cache, record = RecordCache(), ended(job_record())
    cache.found("a", _blob(record))
    tombstone = Tombstone(record.job_id, 1, 9)
    assert cache.found("a", _blob(tombstone, 2)) == tombstone
    assert not cache.has_ended("a")


@pytest.mark.parametrize("bound", ["records", "bytes"])
def test_past_a_bound_the_record_asked_for_longest_ago_goes(bound: str) -> None:
    blob = _blob(ended(job_record()))
    cache = RecordCache(most_records=2) if bound == "records" else RecordCache(most_bytes=2 * len(blob.data))
    for name in ("a", "b", "a", "c"):
        cache.found(name, blob)
    assert [name for name in "abc" if cache.has_ended(name)] == ["a", "c"]


def test_a_record_larger_than_all_that_may_be_kept_is_not() -> None:
    cache, record = RecordCache(most_bytes=10), ended(job_record())
    assert cache.found("a", _blob(record)) == Found(record, encode(record))
    assert not cache.has_ended("a")
