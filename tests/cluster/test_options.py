"""Options: what is allowed is taken, everything else is refused by name, nothing is ignored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.errors import OptionInvalid
from cluster.options import ALLOWED, NOT_BUILT, JobOptions, parse_options


def test_defaults() -> None:
    assert parse_options({}) == (JobOptions(mode="auto", pages=None, dpi=150, session_id=None), None)


def test_everything_at_once() -> None:
    fields = {"mode": "ocr", "pages": "1-3, 7", "dpi": "300", "password": "open sesame", "session_id": "letters"}
    fields |= {"languages": "de, zh-Hant,de,", "layout": "plain"}
    options, password = parse_options(fields)
    assert options == JobOptions(
        mode="ocr", pages="1-3,7", dpi=300, session_id="letters", languages="de,zh-hant", layout="plain"
    )
    assert options.language_codes == ("de", "zh-hant")
    assert password == "open sesame"
    assert "password" not in options.as_dict()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mode", "fast"),
        ("mode", ""),
        ("dpi", "71"),
        ("dpi", "401"),
        ("dpi", "150.5"),
        ("dpi", "-150"),
        ("dpi", ""),
        ("dpi", "9" * 5000),
        ("pages", "9-2"),
        ("pages", "0"),
        ("password", "x" * 1025),
        ("session_id", "a\nb"),
        ("session_id", "x" * 201),
        ("colour", "red"),
        ("engine", "magic"),
        ("engine", "x" * 5000),
        ("priority", "urgent"),
        ("layout", "none"),
        ("layout", "Full"),
        ("languages", "german"),
        ("languages", "de;fr"),
        ("languages", "d"),
        ("languages", "de,ﬁ"),
        ("languages", "de-" + "x" * 5000),
        ("languages", ",".join(f"a{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")),
        *((name, "x") for name in NOT_BUILT),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(OptionInvalid, match=f"`{name}`") as caught:
        parse_options({name: value})
    assert "allowed" in caught.value.detail or "may have" in caught.value.detail or "longer" in caught.value.detail
    assert len(caught.value.detail) < 300


def test_an_engine_is_named_from_those_there_are() -> None:
    engines = ("rapidocr", "openai:http://a/v1")
    assert parse_options({"engine": "openai:http://a/v1"}, engines)[0].engine == "openai:http://a/v1"
    assert parse_options({"engine": ""}, engines)[0].engine is None
    assert parse_options({"engine": "rapidocr"}, engines)[0] == JobOptions(), "the default is what it is without"
    with pytest.raises(OptionInvalid, match="allowed are `rapidocr`, `openai:http://a/v1`"):
        parse_options({"engine": "null"}, engines)


def test_languages_that_the_engine_does_not_read_are_refused() -> None:
    engines, readable = ("rapidocr", "null"), {"rapidocr": ("de", "en", "zh")}

    def asked(**fields: str) -> str | None:
        return parse_options(fields, engines, readable=readable)[0].languages

    assert asked(languages="ar,zh-Hant") == "ar,zh-hant", "one of them is enough"
    assert asked(languages="ar", engine="null") == "ar", "it does not tell what it reads"
    assert asked(languages="ar", mode="text") == "ar", "no engine reads anything"
    assert asked() is None
    with pytest.raises(
        OptionInvalid, match="`ar,th`, none of which the engine `rapidocr` reads; allowed are de, en, zh"
    ):
        asked(languages="ar,th")


@pytest.mark.parametrize("mode", ["auto", "ocr", "text"])
def test_modes(mode: str) -> None:
    assert parse_options({"mode": mode})[0].mode == mode


def test_bulk_jobs_say_so() -> None:
    assert parse_options({"priority": "bulk"})[0].priority == "bulk"
    assert parse_options({"priority": "interactive"})[0] == JobOptions()


@pytest.mark.parametrize("dpi", ["72", "400"])
def test_the_ends_of_the_dpi_range_are_allowed(dpi: str) -> None:
    assert parse_options({"dpi": dpi})[0].dpi == int(dpi)


def test_empty_text_fields_of_a_form_mean_nothing_asked() -> None:
    assert parse_options({"pages": "", "password": "", "session_id": "", "languages": "", "layout": ""}) == (
        JobOptions(),
        None,
    )


def test_allowed_and_not_built_are_apart() -> None:
    assert not set(ALLOWED) & set(NOT_BUILT)


@given(st.dictionaries(st.sampled_from(ALLOWED) | st.text(max_size=8), st.text(max_size=20), max_size=4))
def test_any_fields_are_read_or_refused(fields: dict[str, str]) -> None:
    try:
        options, _ = parse_options(fields)
    except OptionInvalid:
        return
    assert set(fields) <= set(ALLOWED)
    assert JobOptions.from_dict(options.as_dict()) == options


def test_options_of_later_versions_are_ignored() -> None:
    assert JobOptions.from_dict({"dpi": 200, "colour": "red"}) == JobOptions(dpi=200)
