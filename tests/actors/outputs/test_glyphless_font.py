"""The font's file is looked at by FreeType, which Pillow brings; PDF readers see it in tests/actors/render."""

from __future__ import annotations

import io

from PIL import ImageFont

from actors.outputs.glyphless_font import ASCENT, DESCENT, NAME, ExtraCodes, cid_to_gid, truetype, unicode_map


def test_the_file_is_a_font_that_shows_nothing() -> None:
    font = ImageFont.truetype(io.BytesIO(truetype()), 1000)
    assert font.getmetrics() == (ASCENT, -DESCENT)
    assert font.getmask("text").getbbox() is None


def test_it_is_small_and_the_same_every_time() -> None:
    assert truetype() == truetype()
    assert len(truetype()) < 1000
    assert NAME.encode("utf-16-be") in truetype()


def test_every_code_has_the_same_glyph() -> None:
    assert len(cid_to_gid()) == 2 * 0x10000
    assert set(cid_to_gid()[1::2]) == {1}


def test_codes_mean_utf_16() -> None:
    text = unicode_map().decode("ascii")
    assert "<4e00> <4eff> <4e00>" in text
    assert text.count("beginbfrange") == 3
    assert sum(line.startswith("<") for line in text.splitlines()) == 256 + 1


def test_codes_of_other_characters_are_given_as_they_come() -> None:
    extra = ExtraCodes("Extra")
    assert [extra.code(letter) for letter in "😀😎😀"] == [0, 1, 0]
    text = unicode_map(extra.letters).decode("ascii")
    assert "2 beginbfchar\n<0000> <d83dde00>\n<0001> <d83dde0e>\nendbfchar" in text
    assert text.count("beginbfchar") == 1
    many = unicode_map(chr(0x20000 + place) for place in range(250)).decode("ascii")
    assert many.count("beginbfchar") == 3
