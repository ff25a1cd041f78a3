"""The scripts that PP-OCR does not read, by the languages that are written in them."""

from __future__ import annotations

from collections.abc import Sequence

_LANGUAGES = {
    "Arabic": "ar fa ur ps sd ug ckb",
    "Hebrew": "he yi iw",
    "Cyrillic": "ru uk be bg mk kk ky mn tg tt ba cv os ce",
    "Greek": "el",
    "Devanagari": "hi mr ne sa kok mai bho",
    "Bengali": "bn as",
    "Gurmukhi": "pa",
    "Gujarati": "gu",
    "Odia": "or",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Sinhala": "si",
    "Thai": "th",
    "Lao": "lo",
    "Khmer": "km",
    "Burmese": "my",
    "Tibetan": "bo dz",
    "Georgian": "ka",
    "Armenian": "hy",
    "Korean": "ko",
    "Ethiopic": "am ti",
}
_SUBTAGS = {"arab": "Arabic", "hebr": "Hebrew", "cyrl": "Cyrillic", "grek": "Greek", "deva": "Devanagari"}
_BY_LANGUAGE = {code: script for script, codes in _LANGUAGES.items() for code in codes.split()}


def unread_scripts(languages: Sequence[str]) -> str:
    """Names of those that languages (BCP 47) are written in: ``Arabic or Hebrew``; empty where all can be read."""
    return " or ".join(dict.fromkeys(name for code in languages if (name := _script(code.lower())) is not None))


def _script(code: str) -> str | None:
    language, *subtags = code.split("-")
    named = next((subtag for subtag in subtags if len(subtag) == 4 and subtag.isalpha()), None)
    return _BY_LANGUAGE.get(language) if named is None else _SUBTAGS.get(named)
