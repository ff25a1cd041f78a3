"""Fixtures of the client's tests."""

from __future__ import annotations

import pytest

from tests.gnosis_ocr.canned_wire import Caller


@pytest.fixture(params=["sync", "async"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test talks to a server that somebody's environment names."""
    monkeypatch.delenv("GNOSIS_URL", raising=False)
    monkeypatch.delenv("GNOSIS_API_KEY", raising=False)
