"""A set of pages as one whole number: bit n is page n.

Thousands of pages take hundreds of bytes, and differences and unions of sets are one operation each, so that every
listener may have a set of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

PageSet = int
"""Zero is the empty set; ``a & b``, ``a | b`` and ``a & ~b`` are what they are of sets."""


def page_set(pages: Iterable[int]) -> PageSet:
    bits = bytearray()
    for page in pages:
        byte = page >> 3
        if byte >= len(bits):
            bits.extend(bytes(byte + 1 - len(bits)))
        bits[byte] |= 1 << (page & 7)
    return int.from_bytes(bits, "little")


def lowest(pages: PageSet) -> int:
    """The first page of a set that is not empty."""
    return (pages & -pages).bit_length() - 1


def spelled(pages: PageSet) -> str:
    """``1-3,7``; empty for the empty set. In one pass, however scattered they are: every event spells its set anew."""
    parts = []
    for run in re.finditer("1+", f"{pages:b}"[::-1]):
        first, last = run.start(), run.end() - 1
        parts.append(f"{first}-{last}" if last > first else f"{first}")
    return ",".join(parts)
