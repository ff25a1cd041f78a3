"""A font without anything to be seen, for text that is to be found and copied; any script.

Every character is as wide as the next, half the type's size, and as high as a line: ASCENT above its baseline and
DESCENT below. Its outline is one stroke from corner to corner and back, which has that box and no area: readers that
go by the outline (PDFium) would find an empty one to have no height, and drop lines that run upwards.

In a PDF it is a CID font: a character's code is its UTF-16 code unit, and ToUnicode says the same.
Characters beyond UTF-16's first plane get codes of their own, from a table that is made as they come (``ExtraCodes``).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

NAME = "GnosisGlyphless"
ASCENT, DESCENT = 800, -200
WIDTH = 500
"""In thousandths of the type's size."""

_GLYPHS = 2  # the one for what is missing, which comes first and is empty, and the one for everything
_CODES = 0x10000


def truetype() -> bytes:
    """The font's file."""
    tables = {
        b"OS/2": _os2(),
        b"cmap": struct.pack(">HHHHI", 0, 1, 3, 1, 12)
        + struct.pack(">HHHHHHH", 4, 24, 0, 2, 2, 0, 0)
        # one segment, which ends the table as every one does
        + struct.pack(">HHHHH", 0xFFFF, 0, 0xFFFF, 1, 0),
        b"glyf": (stroke := _stroke()),
        b"head": _head(),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, ASCENT, DESCENT, 0, WIDTH, *(0,) * 11, _GLYPHS),
        b"hmtx": struct.pack(">Hh", WIDTH, 0) * _GLYPHS,
        b"loca": struct.pack(">HHH", 0, 0, len(stroke) // 2),
        b"maxp": struct.pack(">IH", 0x10000, _GLYPHS) + struct.pack(">13H", 2, 1, 0, 0, 1, *(0,) * 8),
        b"name": _names({6: NAME}),
        b"post": struct.pack(">IIhhIIIII", 0x30000, 0, 0, 0, 1, 0, 0, 0, 0),
    }
    return _file(tables)


def cid_to_gid() -> bytes:
    """Every code is the second glyph."""
    return b"\x00\x01" * _CODES


def unicode_map(extra: Iterable[str] = ()) -> bytes:
    """The ToUnicode CMap: codes are UTF-16 code units; or, of the characters ``extra``, their place among them."""
    pairs = [(code, letter.encode("utf-16-be").hex()) for code, letter in enumerate(extra)]
    if pairs:
        body = "".join(
            f"{len(some)} beginbfchar\n" + "".join(f"<{code:04x}> <{text}>\n" for code, text in some) + "endbfchar\n"
            for some in (pairs[start : start + 100] for start in range(0, len(pairs), 100))
        )
    else:
        # A range may not pass the end of a code's last byte.
        rows = [f"<{high:02x}00> <{high:02x}ff> <{high:02x}00>\n" for high in range(256)]
        body = "".join(
            f"{len(some)} beginbfrange\n{''.join(some)}endbfrange\n"
            for some in (rows[start : start + 100] for start in range(0, 256, 100))
        )
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        f"{body}endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


class ExtraCodes:
    """Codes of characters beyond the first plane, given as they come: ``letters`` in the order of their codes.

    font: the name, among a page's resources, of the font that has them.
    """

    def __init__(self, font: str) -> None:
        self.font = font
        self._codes: dict[str, int] = {}

    @property
    def letters(self) -> tuple[str, ...]:
        return tuple(self._codes)

    def code(self, letter: str) -> int:
        return self._codes.setdefault(letter, len(self._codes) % _CODES)


def _stroke() -> bytes:
    """One contour of two points; coordinates are differences from the point before."""
    box = struct.pack(">hhhhh", 1, 0, DESCENT, WIDTH, ASCENT)
    return box + struct.pack(">HH2B", 1, 0, 1, 1) + struct.pack(">4h", 0, WIDTH, DESCENT, ASCENT - DESCENT)


def _head() -> bytes:
    versions = struct.pack(">IIII", 0x10000, 0x10000, 0, 0x5F0F3CF5)
    box = struct.pack(">hhhh", 0, DESCENT, WIDTH, ASCENT)
    return versions + struct.pack(">HHQQ", 0, 1000, 0, 0) + box + struct.pack(">HHhhh", 0, 8, 2, 0, 0)


def _os2() -> bytes:
    averages = struct.pack(">HhHHH", 4, WIDTH, 400, 5, 0)
    sizes = struct.pack(">10h", 650, 700, 0, 140, 650, 700, 0, 480, 50, 260)
    family = struct.pack(">h10s4I4s", 0, bytes(10), 0, 0, 0, 0, b"NONE")
    selection = struct.pack(">HHHhhhHH", 0x40, 0x20, 0xFFFF, ASCENT, DESCENT, 0, ASCENT, -DESCENT)
    return averages + sizes + family + selection + struct.pack(">II hhHHH", 0, 0, 500, 700, 0, 32, 0)


def _names(names: dict[int, str]) -> bytes:
    texts = [text.encode("utf-16-be") for text in names.values()]
    records, offset = b"", 0
    for number, text in zip(names, texts, strict=True):
        records += struct.pack(">6H", 3, 1, 0x409, number, len(text), offset)
        offset += len(text)
    return struct.pack(">HHH", 0, len(names), 6 + len(records)) + records + b"".join(texts)


def _file(tables: dict[bytes, bytes]) -> bytes:
    """Tables in the order of their names, each from a multiple of four on."""
    power = len(tables).bit_length() - 1
    largest = 16 << power
    head = struct.pack(">IHHHH", 0x10000, len(tables), largest, power, 16 * len(tables) - largest)
    offset = len(head) + 16 * len(tables)
    directory, body = b"", b""
    for name, table in sorted(tables.items()):
        padded = table + bytes(-len(table) % 4)
        directory += struct.pack(">4sIII", name, _sum(padded), offset + len(body), len(table))
        body += padded
    return head + directory + body


def _sum(table: bytes) -> int:
    return int(sum(struct.unpack(f">{len(table) // 4}I", table))) & 0xFFFFFFFF
