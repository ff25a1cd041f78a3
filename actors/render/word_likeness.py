"""How far text reads like words: what tells a good layer of text from rubbish, without a dictionary, in any script.

A letter-by-letter judgement in alphabets with capital letters (Latin, Greek, Cyrillic, ...): words have vowels, keep to
one case or begin with a capital, and carry no digits inside. In other scripts, a word is letters and nothing between
them. Numbers count as words; a sign or two that stand alone count for nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

_VOWELS = frozenset("aeiouyæœøıəαεηιουωаеёиоуыэюяіїєѣ")
_ROMAN = re.compile(r"[ivxlcdm]+|[IVXLCDM]+")
_NUMBER = re.compile(r"[+\-−–]?\d+([.,:/\-−–'’×x^]+\d+)*\W?")
_SEAMS = re.compile(r"[-‐‑–—/'’.,:;_&+]")

_SHORT = 3
"""Letters of what may do without a vowel: ``vgl``, ``Mr``, ``km``."""
_SHORT_CAPITALS = 4
"""Likewise in capitals: ``HTML``."""
_MIXED = 4
"""Characters of what may mix letters and digits: ``A4``, ``H2O``, ``3rd``."""
_STRANGE = 3
"""Different signs in a row, with no or few letters among them."""
_ENOUGH_LETTERS = 60
_VOWEL_SHARE = (0.25, 0.75)
"""Between which the share of vowels lies in every language with an alphabet; letters that stand for others by a shifted
or shuffled code miss it."""


@dataclass(frozen=True, slots=True)
class WordLikeness:
    """share: of the characters that count, those in words, 0 to 1; None where nothing counts. singles: share of words
    that have one letter, which is high where words were torn apart."""

    share: float | None
    singles: float


def word_likeness(text: str) -> WordLikeness:
    counted = likely = words = singles = 0
    letters: Counter[str] = Counter()
    for token in text.split():
        core = _bare(token)
        around = token.replace(core, "", 1)
        if len(around) > len(core) and len(set(around)) >= _STRANGE:
            counted += len(token)
            continue
        if not core:
            continue
        counted += len(core)
        if _is_likely(core):
            likely += len(core)
        if any(map(str.isalpha, core)):
            letters.update(core)
            cased = _has_case(core)
            words += cased
            singles += cased and len(core) == 1
    if not counted:
        return WordLikeness(None, 0.0)
    share = 0.0 if _shuffled(letters) else likely / counted
    return WordLikeness(share, singles / words if words else 0.0)


def _bare(token: str) -> str:
    """Without the signs around it."""
    start, end = 0, len(token)
    while start < end and _is_sign(token[start]):
        start += 1
    while end > start and _is_sign(token[end - 1]):
        end -= 1
    return token[start:end]


@lru_cache(16_384)
def _is_likely(core: str) -> bool:
    if _NUMBER.fullmatch(core):
        return True
    if not _has_case(core):
        fitting = sum(unicodedata.category(char)[0] in "LMN" for char in core)
        return fitting >= 0.7 * len(core)
    return all(_is_part_likely(part) for part in _SEAMS.split(core) if part)


def _is_part_likely(part: str) -> bool:
    if not part.isalpha():
        if not all(char.isalnum() or unicodedata.category(char) == "Mn" for char in part):
            return False
        digits = sum(map(str.isdigit, part))
        return digits in (0, len(part)) or len(part) <= _MIXED
    if len(part) == 1 or _ROMAN.fullmatch(part):
        return True
    capital = part.isupper()
    if not any(map(_is_vowel, part)) and len(part) > (_SHORT_CAPITALS if capital else _SHORT):
        return False
    # One capital inside is a name (McDonald, iPhone); more are rubbish.
    return capital or sum(map(str.isupper, part[1:])) <= 1


def _shuffled(letters: Counter[str]) -> bool:
    """Whether the letters of an alphabet with vowels come as often as in no language."""
    cased = {char: count for char, count in letters.items() if _has_case(char)}
    total = sum(cased.values())
    if total < _ENOUGH_LETTERS:
        return False
    vowels = sum(count for char, count in cased.items() if _is_vowel(char))
    low, high = _VOWEL_SHARE
    return not low <= vowels / total <= high


@lru_cache(16_384)
def _has_case(text: str) -> bool:
    return any(char.lower() != char.upper() for char in text)


@lru_cache(4096)
def _is_vowel(char: str) -> bool:
    return unicodedata.normalize("NFD", char.lower())[0] in _VOWELS


@lru_cache(4096)
def _is_sign(char: str) -> bool:
    return unicodedata.category(char)[0] in "PSZC"
