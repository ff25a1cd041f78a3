"""The checksum of Cloud Storage: CRC32C, which its C library computes at gigabytes a second."""

from __future__ import annotations

import base64

import google_crc32c


def crc32c(data: bytes, before: int = 0) -> int:
    """Of ``data``, or of what had the checksum ``before`` with ``data`` behind it."""
    value: int = google_crc32c.extend(before, data)
    return value


def crc32c_text(value: int) -> str:
    """As Cloud Storage writes it: big-endian, base64."""
    return base64.b64encode(value.to_bytes(4, "big")).decode()
