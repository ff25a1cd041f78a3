"""Kinds of document by content."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.file_type import EXTENSIONS, HEAD_BYTES, MEDIA_TYPES, detect


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"\xef\xbb\xbf%PDF-1.4", "pdf"),
        (b"x" * 1024 + b"%PDF-2.0 and more", "pdf"),
        (b"x" * 1025 + b"%PDF-2.0 and more", None),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "png"),
        (b"\x89PNG\n\x1a\n", None),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "jpeg"),
        (b"\xff\xd8\xff\xe1 with %PDF-1.4 in its metadata", "jpeg"),
        (b"II*\x00\x08\x00\x00\x00", "tiff"),
        (b"MM\x00*\x00\x00\x00\x08", "tiff"),
        (b"II+\x00\x08\x00\x00\x00", "tiff"),
        (b"MM\x00+\x00\x08\x00\x00", "tiff"),
        (b"GIF89a", None),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"BM\x9a\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00", "bmp"),
        (b"BM\x9a\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x7c\x00\x00\x00", "bmp"),
        (b"BMW is a maker of cars, and this is a text.", None),
        (b"BM", None),
        (b"PK\x03\x04", None),
        (b"%PDF", None),
        (b"", None),
    ],
)
def test_kind_is_told_by_content(head: bytes, kind: str | None) -> None:
    assert detect(head) == kind


def test_every_kind_has_an_extension_and_a_media_type() -> None:
    assert EXTENSIONS.keys() == MEDIA_TYPES.keys()
    assert set(EXTENSIONS.values()) == {"pdf", "png", "jpg", "tiff", "webp", "bmp"}


def test_more_than_the_head_changes_nothing() -> None:
    head = b"%PDF-1.7".rjust(HEAD_BYTES - 20)
    assert detect(head[:HEAD_BYTES]) == detect(head + b"\x00" * 10_000) == "pdf"


@pytest.mark.samples
def test_real_samples_are_of_the_kind_their_names_say(real_samples: Path) -> None:
    kinds = {".pdf": "pdf", ".png": "png", ".jpg": "jpeg", ".tiff": "tiff", ".txt": None, ".md": None}
    for path in sorted(real_samples.iterdir()):
        with path.open("rb") as file:
            assert detect(file.read(HEAD_BYTES)) == kinds[path.suffix], path.name
