"""What is stored of a resumable upload, and when it expires."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cluster import layout
from cluster.errors import RecordDamaged
from cluster.ids import is_upload_id, moment_of, new_upload_id
from cluster.resumable_upload import LIFETIME, UploadInfo, decode_upload, encode_upload, expiry_of

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def test_an_id_tells_its_age_and_is_drawn() -> None:
    drawn = {new_upload_id(MOMENT) for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(is_upload_id(each) and moment_of(each) == MOMENT for each in drawn)
    assert {expiry_of(each) for each in drawn} == {MOMENT + LIFETIME}
    assert max(drawn) < new_upload_id(MOMENT.replace(microsecond=679000))


def test_info_is_read_as_it_was_written() -> None:
    info = UploadInfo("ada@example.org", 7, "filename YQ==", "2026-01-02T03:04:05.678000Z")
    assert decode_upload(encode_upload(info)) == info


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"user_email": "a", "length": "x", "metadata": "", "c": ""}'])
def test_unreadable_info(data: bytes) -> None:
    with pytest.raises(RecordDamaged):
        decode_upload(data)


def test_names_of_parts_are_in_the_order_of_their_offsets() -> None:
    upload_id = new_upload_id(MOMENT)
    offsets = [0, 9, 10, 8 << 20, 10**9, 10**11]
    names = [layout.upload_part(upload_id, offset) for offset in offsets]
    assert names == sorted(names)
    assert all(name.startswith(layout.upload_parts(upload_id)) for name in names)
    assert layout.upload_info(upload_id) < names[0], "what is removed in the order of names loses its info first"
    assert {layout.upload_of(name) for name in [*names, layout.upload_info(upload_id)]} == {upload_id}
