from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP

import pytest

from gnosis_ocr.bodies import ChunkBody, FormBody
from gnosis_ocr.sources import BytesSource

DATA = b"%PDF-1.7\r\n" + bytes(range(256)) * 2000


def parts(body: FormBody, content: bytes) -> list[tuple[str | None, str | None, bytes]]:
    """Name, file name and content of each, as another parser reads them."""
    head = f"Content-Type: {body.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + content)
    found = []
    for part in message.iter_parts():
        named = part["Content-Disposition"].params
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        found.append((named.get("name"), named.get("filename"), payload))
    return found


def test_a_form_has_the_options_and_the_document() -> None:
    body = FormBody(BytesSource(DATA, "scan.pdf"), {"mode": "ocr", "pages": "1-3"}, None)
    content = b"".join(body.pieces())
    assert len(content) == body.size
    assert DATA in content
    assert parts(body, content)[:2] == [("mode", None, b"ocr"), ("pages", None, b"1-3")]
    assert parts(body, content)[2][:2] == ("file", "scan.pdf")
    assert b"".join(body.pieces()) == content, "the same for another attempt"


@pytest.mark.parametrize("name", ['a "b".pdf', "a\r\nb: c.pdf"])
def test_a_file_name_can_not_break_out(name: str) -> None:
    body = FormBody(BytesSource(DATA, name), {}, None)
    content = b"".join(body.pieces())
    spelled = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    assert f'filename="{spelled}"\r\n'.encode() in content


def test_a_form_notes_the_bytes_of_the_document_alone() -> None:
    told: list[tuple[int, int]] = []
    body = FormBody(BytesSource(DATA, "scan.pdf"), {"mode": "ocr"}, lambda sent, of: told.append((sent, of)))
    sent = 0
    for piece in body.pieces():
        sent += len(piece)
        body.note(sent)
    assert told[0] == (0, len(DATA))
    assert told[1] == (256 << 10, len(DATA))
    assert told[-1] == told[-2] == (len(DATA), len(DATA))


def test_a_chunk() -> None:
    told: list[tuple[int, int]] = []
    body = ChunkBody(BytesSource(DATA, "scan.pdf"), 100, 50, lambda sent, of: told.append((sent, of)))
    assert b"".join(body.pieces()) == DATA[100:150]
    assert body.size == 50
    body.note(20)
    assert told == [(120, len(DATA))]
