"""The double's resumable uploads."""

from __future__ import annotations

import pytest

from tests.cloud_storage.exchange import Refusal
from tests.cloud_storage.objects import Bucket, Content, Generations, crc32c
from tests.cloud_storage.upload_sessions import CHUNK_MULTIPLE, ChunkRange, UploadSession, UploadSessions, chunk_range

CHUNK = b"x" * CHUNK_MULTIPLE


@pytest.fixture
def bucket() -> Bucket:
    return Bucket("b", Generations(), lambda name: None)


@pytest.fixture
def sessions() -> UploadSessions:
    return UploadSessions()


@pytest.fixture
def session(bucket: Bucket, sessions: UploadSessions) -> UploadSession:
    return sessions.start(bucket, "a", Content(b""), None, "")


def send(session: UploadSession, start: int, body: bytes, total: int | None = None, declared: str = "") -> bool:
    """Whether the upload is complete."""
    return session.take(ChunkRange(start, start + len(body), total), body, declared) is not None


def refusal(session: UploadSession, start: int, body: bytes, total: int | None = None, declared: str = "") -> int:
    with pytest.raises(Refusal) as refused:
        send(session, start, body, total, declared)
    return refused.value.status


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes 0-9/*", ChunkRange(0, 10, None)),
        ("bytes 10-19/20", ChunkRange(10, 20, 20)),
        ("bytes */*", ChunkRange(None, None, None)),
        ("bytes */0", ChunkRange(None, None, 0)),
    ],
)
def test_content_ranges(header: str, expected: ChunkRange) -> None:
    assert chunk_range(header) == expected
    with pytest.raises(Refusal):
        chunk_range(header.replace("bytes", "pages"))


def test_chunks_become_an_object_with_the_last(session: UploadSession, bucket: Bucket) -> None:
    assert not send(session, 0, CHUNK)
    assert not send(session, CHUNK_MULTIPLE, CHUNK)
    assert bucket.list("", "", 9) == ([], None)
    assert send(session, 2 * CHUNK_MULTIPLE, b"end", 2 * CHUNK_MULTIPLE + 3)
    assert bucket.get("a", None, None).content.data == 2 * CHUNK + b"end"


def test_what_was_received_before_is_passed_over(session: UploadSession, bucket: Bucket) -> None:
    send(session, 0, CHUNK)
    assert send(session, 0, CHUNK + b"end", CHUNK_MULTIPLE + 3)
    assert bucket.get("a", None, None).content.data == CHUNK + b"end"


def test_a_complete_upload_stays_as_it_is(session: UploadSession, bucket: Bucket) -> None:
    assert send(session, 0, b"all", 3)
    generation = bucket.get("a", None, None).generation
    assert send(session, 0, b"other", 5)
    assert session.take(ChunkRange(None, None, None), b"", "") == bucket.get("a", generation, None).resource()


def test_malformed_chunks(session: UploadSession) -> None:
    assert refusal(session, 0, b"too short") == 400
    assert refusal(session, CHUNK_MULTIPLE, CHUNK) == 400
    with pytest.raises(Refusal):
        session.take(ChunkRange(0, 10, 10), b"nine byte", "")


def test_a_wrong_checksum_stores_nothing(session: UploadSession, bucket: Bucket) -> None:
    assert refusal(session, 0, b"all", 3, crc32c(b"any")) == 400
    assert bucket.list("", "", 9) == ([], None)
    assert send(session, 0, b"all", 3, crc32c(b"all"))


def test_the_precondition_holds_at_both_ends(bucket: Bucket, sessions: UploadSessions) -> None:
    session = sessions.start(bucket, "a", Content(b""), 0, "")
    bucket.put("a", Content(b"faster"), None)
    assert refusal(session, 0, b"all", 3) == 412
    with pytest.raises(Refusal):
        sessions.start(bucket, "a", Content(b""), 0, "")
    assert bucket.get("a", None, None).content.data == b"faster"


def test_an_upload_that_is_given_up_is_gone(session: UploadSession, sessions: UploadSessions) -> None:
    send(session, 0, CHUNK)
    assert len(sessions) == 1
    sessions.give_up(session.id)
    assert len(sessions) == 0
    with pytest.raises(Refusal) as refused:
        sessions.get(session.id)
    assert refused.value.status == 404
