from __future__ import annotations

from pathlib import Path

import pytest

from cluster.errors import StartupError
from cluster.settings import load_settings
from serve_app.preflight import check_surroundings


def test_all_is_well(tmp_path: Path) -> None:
    check_surroundings(load_settings(store=f"file://{tmp_path}", engines="null"))
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "probe" in path.name] == []


def test_what_stands_in_the_way_is_named(tmp_path: Path) -> None:
    store = f"file://{tmp_path}"
    keys = tmp_path / "keys.json"
    keys.write_text("{}", "utf-8")
    for settings, message in [
        (load_settings(store="memory://"), "lives in one process"),
        (load_settings(store=store, engines="nul"), "no engine 'nul'"),
        (load_settings(store=store, engines="null", fallbacks="null>rapidocr"), "GNOSIS_FALLBACKS"),
        (load_settings(store=store, engines="null", api_keys_file=keys), str(keys)),
    ]:
        with pytest.raises(StartupError, match=message):
            check_surroundings(settings)
