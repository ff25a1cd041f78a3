from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cluster.errors import BodyMalformed
from serve_app import multipart_upload
from serve_app.multipart_parts import PartBegan, PartData, PartEvent, boundary_of, parts
from serve_app.multipart_upload import MultipartUpload


async def parsed(upload: MultipartUpload) -> list[PartEvent]:
    """What the server makes of it, with the data of each part in one piece."""
    events: list[PartEvent] = []
    async for event in parts(upload.body(), boundary_of(upload.headers["Content-Type"])):
        if isinstance(event, PartData) and isinstance(events[-1], PartData):
            events[-1] = PartData(events[-1].data + event.data)
        else:
            events.append(event)
    return events


async def all_of(body: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in body])


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / 'Bär "1".pdf'
    path.write_bytes(b"%PDF-\r\n--\r\n" * 30)
    return path


async def test_the_server_finds_fields_and_file(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart_upload, "PIECE_BYTES", 64)
    events = await parsed(MultipartUpload(document, {"dpi": "200", "password": "päß"}))
    assert [event for event in events if not isinstance(event, PartBegan | PartData)] == [events[2]] * 3
    assert [event for event in events if isinstance(event, PartBegan)] == [
        PartBegan("dpi", None),
        PartBegan("password", None),
        PartBegan("file", "Bär %221%22.pdf"),
    ]
    data = [event.data for event in events if isinstance(event, PartData)]
    assert data == [b"200", "päß".encode(), document.read_bytes()]


async def test_the_length_is_announced_and_the_body_can_be_sent_again(document: Path) -> None:
    upload = MultipartUpload(document, {"mode": "ocr"})
    first = await all_of(upload.body())
    assert len(first) == int(upload.headers["Content-Length"])
    assert await all_of(upload.body()) == first


async def test_tells_what_was_handed_over(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart_upload, "PIECE_BYTES", 200)
    told: list[tuple[int, int]] = []
    upload = MultipartUpload(document, {}, on_sent=lambda done, size: told.append((done, size)))
    assert not upload.sent
    await all_of(upload.body())
    assert told == [(200, 330), (330, 330)]
    assert upload.sent
    again = upload.body()
    await anext(again)
    assert not upload.sent


@pytest.mark.parametrize("content", [b"longer" * 100, b"short"])
async def test_a_file_that_changes_meanwhile_is_an_error(document: Path, content: bytes) -> None:
    upload = MultipartUpload(document, {})
    document.write_bytes(content)
    with pytest.raises(BodyMalformed, match="changed while it was sent"):
        await all_of(upload.body())
    assert not upload.sent


async def test_a_file_that_goes_away_is_an_error(document: Path) -> None:
    upload = MultipartUpload(document, {})
    document.unlink()
    with pytest.raises(BodyMalformed, match="can't be read: No such file"):
        await all_of(upload.body())
    with pytest.raises(BodyMalformed, match="can't be read: No such file"):
        MultipartUpload(document, {})
