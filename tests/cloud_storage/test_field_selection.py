"""The API's selection of fields."""

from __future__ import annotations

import pytest

from tests.cloud_storage.field_selection import parse_fields, select

LIST = {"kind": "list", "items": [{"name": "a", "size": "1"}, {"name": "b", "size": "2"}], "nextPageToken": "t"}


def test_only_what_is_asked_for() -> None:
    assert select(LIST, parse_fields("items(name),nextPageToken")) == {
        "items": [{"name": "a"}, {"name": "b"}],
        "nextPageToken": "t",
    }
    assert select(LIST, parse_fields("items(size,absent)")) == {"items": [{"size": "1"}, {"size": "2"}]}
    assert select(LIST, parse_fields("kind")) == {"kind": "list"}
    assert select(LIST, parse_fields("")) == LIST


@pytest.mark.parametrize("text", ["items(name", "items)", "a b", "items(name))"])
def test_malformed_selections(text: str) -> None:
    with pytest.raises(ValueError, match=r"selection|parenthesis|closes"):
        parse_fields(text)
