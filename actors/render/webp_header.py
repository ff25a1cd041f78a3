"""The size of a WebP by its header alone: Pillow's decoder takes memory for every pixel as soon as it opens one."""

from __future__ import annotations

HEADER_BYTES = 30


def webp_size(header: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, of the canvas where there is one; None where this is no whole header of a WebP."""
    if len(header) < HEADER_BYTES:
        return None
    match header[12:16]:
        case b"VP8X":
            return _number(header[24:27]) + 1, _number(header[27:30]) + 1
        case b"VP8L":
            sides = _number(header[21:25])
            return (sides & 0x3FFF) + 1, (sides >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return _number(header[26:28]) & 0x3FFF, _number(header[28:30]) & 0x3FFF
    return None


def _number(field: bytes) -> int:
    return int.from_bytes(field, "little")
