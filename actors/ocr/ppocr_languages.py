"""The languages that PP-OCRv6 reads, by its own account: Chinese, Japanese, and those in Latin letters.

ISO 639-1 codes. Vietnamese, which that account names as well, is left out: its letters with two marks are not in the
recogniser's dictionary.
"""

from __future__ import annotations

LANGUAGES = (
    *("af", "az", "bs", "ca", "cs", "cy", "da", "de", "en", "es", "et", "eu", "fi", "fr", "ga", "gl", "hr", "hu"),
    *("id", "is", "it", "ja", "ku", "la", "lb", "lt", "lv", "mi", "ms", "mt", "nb", "nl", "nn", "no", "oc", "pl"),
    *("pt", "qu", "rm", "ro", "sk", "sl", "sq", "sr", "sv", "sw", "tl", "tr", "uz", "zh"),
)
