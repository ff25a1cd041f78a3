"""Lines of one paragraph joined to running text, and the hyphens at their ends.

A hyphen at a line's end after a letter belongs to the line, not to the word, where a small letter follows: it goes.
It stays where the compound may be meant, told in this order: the page has the word elsewhere with a hyphen (stays) or
without (goes); what stands before it has a hyphen already (``state-of-the-``), is a letter (``x-ray``) or a word that
mostly makes compounds (``self-``, ``well-``, ``twenty-``): it stays. Before a capital or a digit, too (``Jean-Paul``,
``COVID-19``), but goes between capitals (``IMPOR-TANT``). Before ``and``, ``or`` and their like it stands for a word
that is left out (``two- and three-fold``, ``Vor- und Nachteile``), and a space follows, unless the page has both as one
word. Soft hyphens always go.
Dashes stay: after a long one without space before it none follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from actors.content.direction import unspaced

HYPHENS = "-‐¬"
SOFT = "\u00ad"

LONGEST = 100
"""Characters: no word is longer. More of a paragraph is not looked at, line after line."""

_LAST_WORD = re.compile(r"([^\W\d_][\w'’]*(?:[-‐][\w'’]+)*)[-‐¬]$")
_FIRST_WORD = re.compile(r"[\w'’]+(?:[-‐][\w'’]+)*")
_WORD = re.compile(r"[^\W\d_][\w'’]*(?:[-‐][\w'’]+)*")
_COMPOUNDING = frozenset(("all", "cross", "ex", "half", "ill", "non", "quasi", "self", "well")) | {
    *("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"),
}
_SUSPENDED = frozenset(
    ("and", "or", "to", "und", "oder", "bis", "sowie", "et", "ou", "e", "y", "o", "en", "of", "och", "og")
)


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """All words that stand whole on the page, in small letters: what tells a compound from a broken word."""
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text.rstrip(HYPHENS)))


def flowing(texts: Iterable[str], words: frozenset[str] = frozenset()) -> str:
    """Lines as one running text. words: as ``words_of`` gives them."""
    result = ""
    for text in texts:
        result = joined_lines(result, text, words)
    return result


def joined_lines(left: str, right: str, words: frozenset[str] = frozenset()) -> str:
    if not left or not right:
        return left + right
    last, first = left[-1], right[0]
    if last == SOFT:
        return left[:-1] + right
    if last in HYPHENS and (match := _LAST_WORD.search(left, max(left.rfind(" ") + 1, len(left) - LONGEST))):
        return _at_hyphen(left, right, match[1], words)
    if unspaced(last) and unspaced(first):
        return left + right
    if last == "—" and left[-2:-1] != " ":
        return left + right
    if last in "–-/" and left[-2:-1].isalnum() and first.isalnum() and (last != "–" or first.isdigit()):
        return left + right
    return f"{left} {right}"


def _at_hyphen(left: str, right: str, before: str, words: frozenset[str]) -> str:
    match = _FIRST_WORD.match(right)
    after = match[0] if match else ""
    if after.lower() in _SUSPENDED and (before + after).lower() not in words:
        return f"{left} {right}"
    if not after or not after[0].isalpha():
        return left + right if after or left[-1] != "¬" else left[:-1] + right
    if after[0].isupper() and not (before.isupper() and len(before) > 1 and after.isupper()):
        return left + right
    return left + right if _is_compound(before.lower(), after.lower(), words) else left[:-1] + right


def _is_compound(before: str, after: str, words: frozenset[str]) -> bool:
    if f"{before}-{after}" in words:
        return True
    if before + after in words:
        return False
    return len(before) == 1 or "-" in before or "‐" in before or before in _COMPOUNDING
