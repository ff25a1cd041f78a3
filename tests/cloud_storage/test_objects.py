"""The double's buckets: generations, preconditions, listing."""

from __future__ import annotations

import pytest

from tests.cloud_storage.exchange import Refusal
from tests.cloud_storage.objects import Bucket, Content, Generations


@pytest.fixture
def bucket() -> Bucket:
    return Bucket("b", Generations(), lambda name: None)


def put(bucket: Bucket, name: str, expected: int | None = None, data: bytes = b"") -> int:
    return bucket.put(name, Content(data), expected).generation


def test_generations_rise_like_the_time_in_microseconds(bucket: Bucket) -> None:
    seen = [put(bucket, name) for name in "abab"]
    assert seen == sorted(set(seen))
    assert 1_700_000_000_000_000 < seen[0] < 10_000_000_000_000_000


def test_a_generation_is_not_given_again_after_a_delete(bucket: Bucket) -> None:
    first = put(bucket, "a")
    bucket.delete("a", None, None)
    assert put(bucket, "a") > first


@pytest.mark.parametrize("expected", [1, 2**62])
def test_a_precondition_on_nothing(bucket: Bucket, expected: int) -> None:
    with pytest.raises(Refusal) as refused:
        put(bucket, "a", expected)
    assert refused.value.status == 412
    with pytest.raises(Refusal) as refused:
        bucket.delete("a", None, expected)
    assert refused.value.status == 404


def test_a_precondition_on_something(bucket: Bucket) -> None:
    first = put(bucket, "a", 0)
    for wrong in (0, first - 1, first + 1):
        for call in (
            lambda wrong=wrong: put(bucket, "a", wrong),
            lambda wrong=wrong: bucket.get("a", None, wrong),
            lambda wrong=wrong: bucket.delete("a", None, wrong),
        ):
            with pytest.raises(Refusal) as refused:
                call()
            assert refused.value.status == 412
    second = put(bucket, "a", first)
    assert bucket.get("a", None, second).generation == second
    assert bucket.delete("a", None, second).generation == second


def test_only_the_live_version_is_there(bucket: Bucket) -> None:
    old = put(bucket, "a", data=b"old")
    new = put(bucket, "a", data=b"new")
    with pytest.raises(Refusal) as refused:
        bucket.get("a", old, None)
    assert refused.value.status == 404
    assert bucket.get("a", new, None).content.data == b"new"


def test_pages_of_a_list(bucket: Bucket) -> None:
    for name in ("a/1", "a/2", "a/3", "a-", "b", "é"):
        put(bucket, name)
    page, following = bucket.list("a/", "", 2)
    assert ([found.name for found in page], following) == (["a/1", "a/2"], "a/3")
    page, following = bucket.list("a/", "a/3", 2)
    assert ([found.name for found in page], following) == (["a/3"], None)
    assert [found.name for found in bucket.list("", "a/2", 9)[0]] == ["a/2", "a/3", "b", "é"]
    assert bucket.list("c", "", 9) == ([], None)


def test_a_page_has_a_thousand_entries_at_most(bucket: Bucket) -> None:
    for number in range(1001):
        put(bucket, f"{number:04}")
    page, following = bucket.list("", "", 5000)
    assert (len(page), following) == (1000, "1000")


@pytest.mark.parametrize("name", ["", ".", "..", "a\nb", "a\rb", "a\0", "x" * 1025])
def test_names_that_the_cloud_does_not_take(bucket: Bucket, name: str) -> None:
    with pytest.raises(Refusal) as refused:
        put(bucket, name)
    assert refused.value.status == 400


def test_a_write_that_is_not_allowed_changes_nothing() -> None:
    asked: list[str] = []

    def never(name: str) -> None:
        asked.append(name)
        raise Refusal(429, "rateLimitExceeded", "")

    bucket = Bucket("b", Generations(), never)
    with pytest.raises(Refusal):
        put(bucket, "a", 7)
    assert asked == [], "the precondition comes first"
    with pytest.raises(Refusal):
        put(bucket, "a")
    assert asked == ["b/a"]
    assert bucket.list("", "", 9) == ([], None)
