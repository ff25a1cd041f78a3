"""Which script a page is in that can't be read, as its user says."""

from __future__ import annotations

import pytest

from actors.ocr.ppocr_languages import LANGUAGES
from actors.ocr.unread_scripts import unread_scripts


@pytest.mark.parametrize(
    ("languages", "scripts"),
    [
        (("ar",), "Arabic"),
        (("en", "he"), "Hebrew"),
        (("ar", "fa", "he"), "Arabic or Hebrew"),
        (("sr-Cyrl",), "Cyrillic"),
        (("sr-latn",), ""),
        (("ru-RU", "uk"), "Cyrillic"),
        (("zh-hant", "de"), ""),
        (("ar-latn",), ""),
        ((), ""),
    ],
)
def test_scripts_of_languages(languages: tuple[str, ...], scripts: str) -> None:
    assert unread_scripts(languages) == scripts


def test_no_language_that_is_read_has_an_unread_script() -> None:
    assert unread_scripts(LANGUAGES) == ""
