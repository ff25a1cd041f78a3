"""How wide letters are in a usual book face: where in a line its words stand, of which only the box is known."""

from __future__ import annotations

from collections.abc import Iterator

_WIDTHS = {
    **dict.fromkeys("ijlt.,:;'’!|", 0.28),
    **dict.fromkeys(' fr-()[]·"“”I', 0.33),
    **dict.fromkeys("sJ?", 0.39),
    **dict.fromkeys("acez", 0.44),
    **dict.fromkeys("mwMW@%—", 0.78),
}


def weight(character: str) -> float:
    """In heights of the letters: most small ones are half as wide as high, capitals two thirds, Chinese ones whole."""
    if ord(character) > 0x2E80:
        return 1.0
    return _WIDTHS.get(character, 0.67 if character.isupper() else 0.5)


def gaps(text: str, start: float, end: float) -> Iterator[tuple[int, float]]:
    """For each space its index and where its middle would lie, where the text reaches from ``start`` to ``end``."""
    scale = (end - start) / max(sum(map(weight, text)), 1e-9)
    before = 0.0
    for index, character in enumerate(text):
        width = weight(character)
        if character == " ":
            yield index, start + (before + width / 2) * scale
        before += width
