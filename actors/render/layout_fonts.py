"""Fonts for letters of any script: each letter is a box, as wide as it is high, and its text stands in a table.

A font of this kind (Type 3) has up to 256 letters, so a page has as many as it needs. They are in the file itself:
what MuPDF would take in place of a font that is not has no letters at the numbers that it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ASCENT, DESCENT = 0.72, 0.22
"""How far Helvetica's letters, accents aside, reach above and below the line they stand on, in sizes of the font."""

LETTERS = 256

_BOX = b"1000 0 0 -220 1000 720 d1 0 -220 1000 940 re f"


@dataclass(frozen=True, slots=True)
class BoxFonts:
    """letters: those that were asked for, with their numbers."""

    letters: dict[str, int] = field(default_factory=dict)

    def coded(self, text: str) -> list[tuple[str, str]]:
        """The text in pieces: each one's font, and its code as hexadecimal digits."""
        pieces: list[tuple[str, str]] = []
        for letter in text:
            number, code = divmod(self.letters.setdefault(letter, len(self.letters)), LETTERS)
            if pieces and pieces[-1][0] == _name(number):
                pieces[-1] = _name(number), f"{pieces[-1][1]}{code:02x}"
            else:
                pieces.append((_name(number), f"{code:02x}"))
        return pieces

    def numbers(self, first: int) -> list[tuple[str, int]]:
        """Each font's name and the number of its object, where ``first`` is that of the first of ``objects``."""
        return [(_name(font), first + 1 + 2 * font) for font in range(len(self._groups()))]

    def objects(self, first: int) -> list[bytes]:
        """The box that all letters are; then of each font its dictionary and its table."""
        groups = self._groups()
        if not groups:
            return []
        objects = [_stream(_BOX)]
        for font, letters in enumerate(groups):
            objects.append(_font(len(letters), box=first, table=first + 2 + 2 * font))
            objects.append(_stream(_table(letters)))
        return objects

    def _groups(self) -> list[list[str]]:
        letters = list(self.letters)
        return [letters[start : start + LETTERS] for start in range(0, len(letters), LETTERS)]


def _name(font: int) -> str:
    return f"B{font}"


def _font(letters: int, box: int, table: int) -> bytes:
    return (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 -220 1000 720]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 0/LastChar %d"
        b"/CharProcs<</b %d 0 R>>/Encoding<</Type/Encoding/Differences[0%s]>>/Widths[%s]/Resources<<>>"
        b"/ToUnicode %d 0 R>>" % (letters - 1, box, b"/b" * letters, b"1000 " * letters, table)
    )


def _table(letters: list[str]) -> bytes:
    rows = [
        b"<%02x> <%s>" % (code, letter.encode("utf-16-be", "replace").hex().encode())
        for code, letter in enumerate(letters)
    ]
    parts = [rows[start : start + 100] for start in range(0, len(rows), 100)]  # no more may stand in one
    listed = b"\n".join(b"%d beginbfchar\n%s\nendbfchar" % (len(part), b"\n".join(part)) for part in parts)
    return (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Letters def /CMapType 2 def\n"
        b"1 begincodespacerange <00> <ff> endcodespacerange\n" + listed + b"\nendcmap end end"
    )


def _stream(data: bytes) -> bytes:
    return b"<</Length %d>>\nstream\n%s\nendstream" % (len(data), data)
