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


def letter_width(text: str, width: float) -> float:
    """How high letters are by the width of what they make together. width: of the whole text."""
    return width / max(sum(map(weight, text)), 1e-9)


def gaps(text: str, start: float, end: float) -> Iterator[tuple[int, float]]:
    """For each space its index and where its middle would lie, where the text reaches from ``start`` to ``end``."""
    for index, left, right in _places(text, start, end):
        if text[index] == " ":
            yield index, (left + right) / 2


def seams(text: str, start: float, end: float) -> Iterator[tuple[int, float]]:
    """The same for where a number and a word, or two numbers of which one has its sign, meet without a space: the index
    of the second one's first character."""
    for index, left, _ in _places(text, start, end):
        before, after = text[index - 1 : index], text[index]
        signed = before in ("%", ")") and after.isalnum()
        if signed or (before.isdigit() and after.isalpha()) or (before.isalpha() and after.isdigit()):
            yield index, left


def _places(text: str, start: float, end: float) -> Iterator[tuple[int, float, float]]:
    """For each character its index and edges."""
    scale = (end - start) / max(sum(map(weight, text)), 1e-9)
    before = 0.0
    for index, character in enumerate(text):
        width = weight(character)
        yield index, start + before * scale, start + (before + width) * scale
        before += width
