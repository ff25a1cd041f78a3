from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from cluster.settings import Settings
from serve_app.settings_flags import flag_of, with_settings_flags

given: dict[str, Any] = {}


@with_settings_flags
def take(overrides: Mapping[str, str], loud: Annotated[bool, typer.Option("--loud")] = False) -> None:
    given.update(overrides, loud=loud)


app = typer.Typer(rich_markup_mode=None)
app.command()(take)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    given.clear()


def test_every_setting_is_a_flag_with_its_description_and_default() -> None:
    words = " ".join(CliRunner().invoke(app, ["--help"], terminal_width=300).stdout.split())
    for name, field in Settings.model_fields.items():
        assert flag_of(name) in words
        assert f"{field.description} (GNOSIS_{name.upper()}; default: " in words
    assert "(GNOSIS_PORT; default: 8000)" in words
    assert "(GNOSIS_RETENTION_DAYS; default: unset)" in words
    assert "(GNOSIS_NULL_RENDER; default: no)" in words


def test_only_flags_that_were_given_are_passed_on() -> None:
    assert CliRunner().invoke(app, []).exit_code == 0
    assert given == {"loud": False}


def test_values_are_passed_on() -> None:
    result = CliRunner().invoke(app, ["--ocr-replicas", "0-3", "--port", "9000", "--null-render", "--loud"])
    assert result.exit_code == 0
    assert given == {"ocr_replicas": "0-3", "port": "9000", "null_render": True, "loud": True}


def test_a_switch_can_be_turned_off() -> None:
    assert CliRunner().invoke(app, ["--no-null-render"]).exit_code == 0
    assert given["null_render"] is False
