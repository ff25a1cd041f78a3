from __future__ import annotations

from pathlib import Path

import pytest

from actors.ocr.cache_folder import default_cache_folder


def test_the_default_folder_is_where_the_user_wants_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_cache_folder() == Path("/somewhere/gnosis-ocr")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache_folder() == Path.home() / ".cache" / "gnosis-ocr"
