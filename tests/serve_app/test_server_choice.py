from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cluster.settings import load_settings
from serve_app.command import app
from serve_app.server_choice import named_or_usual, usual_url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9000"),
        ("0.0.0.0", "http://127.0.0.1:9000"),
        ("::", "http://[::1]:9000"),
        ("ocr.example", "http://ocr.example:9000"),
    ],
)
def test_where_the_server_of_these_settings_is_reached(host: str, url: str) -> None:
    assert usual_url(load_settings(host=host, port=9000)) == url


def test_a_named_server_needs_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GNOSIS_PORT", "nonsense")
    assert named_or_usual("http://ocr.example") == "http://ocr.example"


@pytest.mark.parametrize(
    "url", ["", "ocr.example", "ftp://ocr.example", "http://a:0", "http://a:port", "http://a/?b=c"]
)
def test_what_is_no_address_is_wrong_usage(url: str) -> None:
    result = CliRunner().invoke(app, ["list", "--url", url])
    assert result.exit_code == 2
    assert f"{url!r} is not an address such as http://127.0.0.1:8000." in " ".join(result.stderr.split())
