"""The kinds of document we accept, told apart by content, never by name."""

from __future__ import annotations

EXTENSIONS = {"pdf": "pdf", "png": "png", "jpeg": "jpg", "tiff": "tiff", "webp": "webp", "bmp": "bmp"}
"""The extension of the stored document (``raw/document.<ext>``) by its kind."""

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "bmp": "image/bmp",
}
"""The media type by kind."""

_PDF_HEADER = b"%PDF-"
_PDF_HEADER_WITHIN = 1024

HEAD_BYTES = _PDF_HEADER_WITHIN + len(_PDF_HEADER)
"""As much of a document's beginning as ``detect`` looks at."""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),  # BigTIFF
    (b"MM\x00+", "tiff"),
)

_BMP_HEADER_SIZES = {size.to_bytes(4, "little") for size in (12, 16, 40, 52, 56, 64, 108, 124)}
"""Two letters are too few to tell a bitmap by: what follows its file header must have the size of one of its kinds."""


def detect(head: bytes) -> str | None:
    """The kind of the document that begins with ``head`` (``HEAD_BYTES`` of it, or all): a key of EXTENSIONS, or None.

    A PDF's header may come after up to 1024 bytes of anything else, as PDF readers allow.
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"BM") and head[14:18] in _BMP_HEADER_SIZES:
        return "bmp"
    return "pdf" if _PDF_HEADER in head[:HEAD_BYTES] else None
