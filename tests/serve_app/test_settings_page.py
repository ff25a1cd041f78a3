from __future__ import annotations

from pathlib import Path

import pytest

from cluster.settings import Settings
from serve_app.settings_flags import flag_of
from serve_app.settings_page import GROUPS, allowed, default, sections_of_settings, settings_page

DOCUMENTED = Path(__file__).parents[2] / "docs/settings.md"


def test_the_documented_page_is_this_one() -> None:
    """`python -m serve_app.settings_page > docs/settings.md`"""
    assert DOCUMENTED.read_text("utf-8") == settings_page()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_one_line(name: str) -> None:
    start = f"| `GNOSIS_{name.upper()}`<br>`{flag_of(name)}` |"
    (line,) = [line for line in settings_page().splitlines() if line.startswith(start)]
    assert line.count(" | ") == 3


def test_sections_name_settings_that_exist() -> None:
    named = [name for _, names in GROUPS.values() for name in names]
    assert len(named) == len(set(named))
    assert set(named) <= set(Settings.model_fields)


def test_a_setting_that_no_section_names_stands_behind_the_one_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    listens, (line, names) = next(iter(GROUPS.items()))
    monkeypatch.setitem(GROUPS, listens, (line, tuple(name for name in names if name != "dashboard_port")))
    section = sections_of_settings()[listens]
    assert section.index("dashboard_port") == section.index("proxy") + 1
    assert {name for names in sections_of_settings().values() for name in names} == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("name", "values", "without_it"),
    [
        ("port", "1 to 65535", "`8000`"),
        ("max_pages", "1 to 99999", "`5000`"),
        ("upload_budget_mb", "1 or more", "`1000`"),
        ("max_page_megapixels", "above 0, up to 400", "`50`"),
        ("proxy", "`auto`, `haproxy`, `serve`", "`auto`"),
        ("null_render", "`true`, `false`", "`false`"),
        ("api_keys_file", "a file", "unset"),
        ("ocr_gpus", "0 to 8", "unset"),
        ("store", "text", "`file://./data`"),
        ("webhook_secret", "text", "unset"),
    ],
)
def test_what_is_allowed_and_what_holds_without_it(name: str, values: str, without_it: str) -> None:
    field = Settings.model_fields[name]
    assert (allowed(field), default(field)) == (values, without_it)
