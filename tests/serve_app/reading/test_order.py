from __future__ import annotations

from cluster.settings import FORMATS
from serve_app.reading.order import Format, ReadingOrder
from serve_app.routes.results import ARCHIVE, MEDIA_TYPES


def test_every_format_of_the_server_can_be_asked_for() -> None:
    assert {each.value for each in Format} == {*FORMATS, ARCHIVE} == set(MEDIA_TYPES)


def test_what_is_no_text_is_binary() -> None:
    assert {each for each in Format if each.binary} == {Format.PDF, Format.ZIP}


def test_options_have_one_spelling_without_the_password() -> None:
    order = ReadingOrder({"pages": "1", "mode": "ocr"}, Format.MD, "secret")
    again = ReadingOrder({"mode": "ocr", "pages": "1"}, Format.TXT)
    assert order.asked == again.asked == '{"mode": "ocr", "pages": "1"}'
