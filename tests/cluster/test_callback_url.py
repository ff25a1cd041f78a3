"""The option callback_url: stored as it will be called, refused with a reason that tells nothing back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.callback_url import LONGEST, CallbackTerms, check_callback_url
from cluster.errors import OptionInvalid
from cluster.reach import Reach, parse_networks

SIGNED = CallbackTerms(signed=True)
OWN = CallbackTerms(signed=True, reach=Reach(parse_networks("127.0.0.0/8")))


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("https://example.org/done?token=s", "https://example.org/done?token=s"),
        (" HTTPS://Example.ORG:443/A \n", "https://example.org/A"),
        ("https://bücher.example/ä#part", "https://xn--bcher-kva.example/%C3%A4"),
        ("", None),
        (None, None),
    ],
)
def test_what_is_allowed(text: str | None, stored: str | None) -> None:
    assert check_callback_url(text, SIGNED) == stored


@pytest.mark.parametrize(
    "text",
    [
        "http://example.org/",
        "https://user:secret@example.org/",
        "https://10.0.0.1/secret",
        "https://127.1/secret",
        "https://0177.0.0.1/secret",
        "secret",
        "https://[secret",
        "https://exam\x00ple.org/secret",
        "https://ⓔxample.org/secret",
        f"https://example.org/secret{'x' * LONGEST}",
        "https://example.org:port/secret",
    ],
)
def test_what_is_refused_is_not_told_back(text: str) -> None:
    with pytest.raises(OptionInvalid, match=r"`callback_url` .*allowed") as caught:
        check_callback_url(text, SIGNED)
    assert "secret" not in caught.value.detail
    assert len(caught.value.detail) < 300


def test_own_networks_and_plain_http_by_setting() -> None:
    assert check_callback_url("http://127.0.0.1:9000/", OWN) == "http://127.0.0.1:9000/"
    with pytest.raises(OptionInvalid, match="own networks, http too"):
        check_callback_url("http://10.0.0.1/", OWN)


def test_without_a_secret_none_is_taken() -> None:
    with pytest.raises(OptionInvalid, match="no secret to sign"):
        check_callback_url("https://example.org/", CallbackTerms())
    assert check_callback_url("", CallbackTerms()) is None


@given(st.text(max_size=60))
def test_whatever_is_sent_is_stored_stably_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.org/{text}"):
        try:
            stored = check_callback_url(url, SIGNED)
        except OptionInvalid:
            continue
        assert stored is None or check_callback_url(stored, SIGNED) == stored
