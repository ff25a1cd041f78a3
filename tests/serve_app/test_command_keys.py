from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from serve_app.command import app
from serve_app.key_file import hash_of, read_keys
from serve_app.limits import Limits


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "keys.json"
    monkeypatch.setenv("GNOSIS_API_KEYS_FILE", str(path))
    return path


def keys(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["keys", *arguments], catch_exceptions=False)


def test_a_key_is_printed_once_and_only_its_hash_is_kept(file: Path) -> None:
    result = keys(
        "add", "anna@example.org", "--jobs-at-once", "5", "--pages-a-day", "200", "--requests-a-second", "2.5"
    )
    assert result.exit_code == 0
    key = result.stdout.strip()
    (entry,) = read_keys(file)
    assert (entry.user, entry.sha256) == ("anna@example.org", hash_of(key))
    assert entry.what_is_limited == Limits(5, 200, None, 2.5)
    assert key not in file.read_text()
    assert result.stderr == f"gnosis-ocr: key {entry.id} of anna@example.org added to {file}; it is not shown again.\n"
    listed = keys("list")
    assert listed.stdout.split() == [
        *(entry.id, entry.created_at[:10], "anna@example.org", "5", "jobs", "at", "once,"),
        *("200", "pages", "a", "day,", "2.5", "requests", "a", "second"),
    ]
    assert key not in listed.stdout


def test_one_key_or_all_of_a_user_are_revoked(file: Path) -> None:
    for email in ("anna@example.org", "anna@example.org", "Anna@example.org", "bert@example.org"):
        assert keys("add", email).exit_code == 0
    first = read_keys(file)[0]
    result = keys("revoke", first.id)
    assert (result.exit_code, result.stdout) == (0, f"revoked {first.id} of anna@example.org\n")
    assert len(read_keys(file)) == 3
    assert keys("revoke", "ANNA@example.org").stdout.count("revoked") == 2
    assert [entry.user for entry in read_keys(file)] == ["bert@example.org"]


def test_json(file: Path) -> None:
    added = json.loads(keys("add", "anna@example.org", "--jobs-at-once", "5", "--json").stdout)
    key = added.pop("key")
    assert added["id"] == hash_of(key)[:12]
    assert (added["user"], added["limits"]) == ("anna@example.org", {"jobs_at_once": 5})
    assert json.loads(keys("list", "--json").stdout) == {"keys": [added]}
    assert json.loads(keys("revoke", added["id"], "--json").stdout) == {"revoked": [added]}


@pytest.mark.parametrize("which", ["0123456789ab", "nobody@example.org", ""])
def test_what_is_not_there_can_not_be_revoked(file: Path, which: str) -> None:
    keys("add", "anna@example.org")
    before = file.read_bytes()
    result = keys("revoke", which)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"has no key {which!r}; `gnosis-ocr keys list` names them." in result.stderr
    assert file.read_bytes() == before


def test_without_a_file_nothing_is_listed_revoked_or_made(file: Path) -> None:
    for result in (keys("list"), keys("revoke", "0123456789ab")):
        assert result.exit_code == 4
        assert "does not exist; `gnosis-ocr keys add EMAIL` makes it" in result.stderr
    assert not file.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "nobody"),
        ("add", "anna@example.org", "--jobs-at-once", "0"),
        ("add", "anna@example.org", "--pages-a-day", "-1"),
        ("add", "anna@example.org", "--requests-a-second", "0"),
        ("add", "anna@example.org", "--upload-mb", "many"),
        ("add",),
    ],
)
def test_wrong_usage_is_2_and_writes_nothing(file: Path, arguments: tuple[str, ...]) -> None:
    assert keys(*arguments).exit_code == 2
    assert not file.exists()


def test_the_file_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GNOSIS_API_KEYS_FILE", raising=False)
    result = keys("list")
    assert result.exit_code == 2
    assert "--file" in result.stderr


def test_a_file_that_can_not_be_read_is_4(file: Path) -> None:
    file.write_text("{")
    result = keys("list")
    assert result.exit_code == 4
    assert "is no JSON" in result.stderr
