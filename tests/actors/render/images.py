"""Images that Pillow can't write, made byte by byte for the tests of rendering."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TIFF_FORMATS = {"u": 1, "i": 2, "f": 3}
_PNG_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}


def tiff(samples: NDArray[Any], photometric: int, *, extra: int | None = None, bits: int | None = None) -> bytes:
    """samples: (height, width, samples a pixel). photometric, extra: as TIFF numbers them. bits: of each sample, where
    they are not those of the array's type; the array's bytes are then its rows as they are stored."""
    height, width, count = samples.shape
    depth = bits or samples.dtype.itemsize * 8
    if bits:
        width = width * samples.dtype.itemsize * 8 // bits
    data = samples.tobytes()
    depths, formats = [
        struct.pack(f"<{count}H", *[value] * count) for value in (depth, _TIFF_FORMATS[samples.dtype.kind])
    ]
    at = 8 + len(data)
    fields = {
        256: (4, 1, width),
        257: (4, 1, height),
        258: (3, count, _inline(depths, at)),
        259: (3, 1, 1),
        262: (3, 1, photometric),
        273: (4, 1, 8),
        277: (3, 1, count),
        278: (4, 1, height),
        279: (4, 1, len(data)),
        339: (3, count, _inline(formats, at + len(depths))),
    }
    if extra is not None:
        fields[338] = (3, 1, extra)
    entries = b"".join(struct.pack("<HHII", tag, *fields[tag]) for tag in sorted(fields))
    directory = at + len(depths) + len(formats)
    head = b"II*\0" + struct.pack("<I", directory)
    return head + data + depths + formats + struct.pack("<H", len(fields)) + entries + bytes(4)


def png16(samples: NDArray[np.uint16]) -> bytes:
    """samples: (height, width, 1 gray, 2 gray and alpha, 3 RGB or 4 RGB and alpha)."""
    height, width, count = samples.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    header = struct.pack(">IIBBBBB", width, height, 16, _PNG_COLOURS[count], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _inline(values: bytes, at: int) -> int:
    """A field's value: itself where it fits into four bytes, else where it stands."""
    return int.from_bytes(values, "little") if len(values) <= 4 else at


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
