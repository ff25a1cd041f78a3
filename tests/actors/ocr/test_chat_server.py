"""The address of a chat completion server. Its requests are tested with the engine, against a server on a socket."""

from __future__ import annotations

import pytest

from actors.ocr.chat_server import ServerAddress
from cluster.errors import StartupError


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/v1"),
        ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1"),
        ("https://host/team/api/v3", "https://host/team/api/v3"),
        ("http://[::1]:80", "http://[::1]:80/v1"),
    ],
)
def test_the_version_is_added_where_there_is_no_path(url: str, base: str) -> None:
    assert ServerAddress.checked(url, "").base == base


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8000", "ftp://host/v1", "http://", "http://host:port/v1", "http://h/v1?x=1", "http://[::1/v1"],
)
def test_what_is_no_url_stops_the_start(url: str) -> None:
    with pytest.raises(StartupError, match="not the URL"):
        ServerAddress.checked(url, "")


def test_a_password_in_the_url_stops_the_start_untold() -> None:
    with pytest.raises(StartupError, match="GNOSIS_OPENAI_API_KEY") as failed:
        ServerAddress.checked("http://me:hush@host/v1", "")
    assert "hush" not in failed.value.detail


@pytest.mark.parametrize("key", ["two\nlines", "three words here", "ünicode"])
def test_a_key_that_no_header_can_carry_stops_the_start_untold(key: str) -> None:
    with pytest.raises(StartupError, match="GNOSIS_OPENAI_API_KEY") as failed:
        ServerAddress.checked("http://host/v1", key)
    assert key not in failed.value.detail
    assert "sk-1" not in repr(ServerAddress.checked("http://host/v1", "sk-1"))
