from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from serve_app.flag_groups import flag, with_flags

given: dict[str, Any] = {}


def take(
    what: str,
    first: Annotated[bool, typer.Option("--first")] = False,
    *,
    group: Mapping[str, Any],
    last: Annotated[bool, typer.Option("--last")] = False,
) -> None:
    """Takes it."""
    given.update(what=what, first=first, group=group, last=last)


FLAGS = [
    flag("size", Annotated[int | None, typer.Option("--size")]),
    flag("colour", Annotated[str | None, typer.Option("--colour")]),
]
app = typer.Typer(rich_markup_mode=None, add_completion=False)
app.command()(with_flags(take, "group", FLAGS))


@pytest.mark.parametrize(
    ("arguments", "group"),
    [([], {}), (["--size", "3"], {"size": 3}), (["--size", "0", "--colour", ""], {"size": 0, "colour": ""})],
)
def test_the_group_gets_what_was_given(arguments: list[str], group: dict[str, Any]) -> None:
    result = CliRunner().invoke(app, ["it", *arguments, "--last"], catch_exceptions=False)
    assert result.exit_code == 0
    assert given == {"what": "it", "first": False, "group": group, "last": True}


def test_flags_stand_in_the_groups_place() -> None:
    told = CliRunner().invoke(app, ["--help"]).stdout
    places = [told.index(each) for each in ("Takes it.", "--first", "--size", "--colour", "--last")]
    assert places == sorted(places)
    assert "group" not in told


def test_what_a_flag_can_not_be_is_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["it", "--size", "much"]).exit_code == 2
