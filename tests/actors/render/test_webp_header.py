from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from actors.render.webp_header import HEADER_BYTES, webp_size
from tests.actors.render import documents


@pytest.mark.parametrize(
    ("chunk", "saving"),
    [
        (b"VP8 ", {}),
        (b"VP8L", {"lossless": True}),
        (b"VP8X", {"lossless": True, "exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}),
    ],
)
@pytest.mark.parametrize("size", [(1, 1), (300, 7), (5, 4097)])
def test_the_size_of_every_kind_of_webp(chunk: bytes, saving: dict[str, Any], size: tuple[int, int]) -> None:
    data = documents.image("webp", Image.new("RGB", size), **saving)
    assert data[12:16] == chunk
    assert webp_size(data[:HEADER_BYTES]) == size
    assert webp_size(data[: HEADER_BYTES - 1]) is None


def test_another_chunk_has_no_size() -> None:
    assert webp_size(b"RIFF\0\0\0\0WEBPICCP".ljust(HEADER_BYTES, b"\0")) is None
