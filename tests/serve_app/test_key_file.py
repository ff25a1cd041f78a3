"""The file of API keys: what people may write into it, what they are told, and how it is changed."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import orjson
import pytest

from cluster.errors import StartupError
from serve_app.key_file import KeyEntry, change_keys, entry_of, hash_of, new_key, parse_keys, read_keys
from serve_app.limits import Limits

HASH = hash_of("a key")
WHERE = Path("/etc/keys.json")


def test_what_people_write_by_hand() -> None:
    text = f"""{{"keys": [
        {{"user": "anna@example.org", "sha256": "{HASH}", "limits": {{"jobs_at_once": 5, "requests_a_second": 0.5}}}},
        {{"user": "bert@example.org", "sha256": "{hash_of("another")}"}}
    ]}}"""
    anna, bert = parse_keys(text.encode(), WHERE)
    assert (anna.user, anna.id, anna.what_is_limited) == ("anna@example.org", HASH[:12], Limits(5, None, None, 0.5))
    assert bert.what_is_limited == Limits()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no JSON"),
        ("[]", "must be an object"),
        ("{}", "keys: Field required"),
        ('{"keys": [{"user": "a@b"}]}', "keys.0.sha256: Field required"),
        ('{"keys": [{"user": "a@b", "sha256": "SECRET"}]}', "keys.0.sha256: must be 64 lower-case hex digits"),
        (f'{{"keys": [{{"user": "nobody", "sha256": "{HASH}"}}]}}', "keys.0.user: must be an e-mail"),
        (f'{{"keys": [{{"user": "a b@c", "sha256": "{HASH}"}}]}}', "keys.0.user: must be an e-mail"),
        (f'{{"keys": [{{"user": "a@b", "sha256": "{HASH}", "x": 1}}]}}', "keys.0.x: Extra inputs are not permitted"),
        (
            f'{{"keys": [{{"user": "a@b", "sha256": "{HASH}", "limits": {{"jobs": 1}}}}]}}',
            "keys.0.limits.jobs: Extra inputs",
        ),
        (
            f'{{"keys": [{{"user": "a@b", "sha256": "{HASH}", "limits": {{"jobs_at_once": 0}}}}]}}',
            "keys.0.limits.jobs_at_once: Input should be greater than or equal to 1",
        ),
        (f'{{"keys": [{{"user": "a@b", "sha256": "{HASH}"}}, {{"user": "c@d", "sha256": "{HASH}"}}]}}', "twice"),
    ],
)
def test_mistakes_are_told_with_their_place_and_without_the_value(text: str, told: str) -> None:
    with pytest.raises(StartupError) as caught:
        parse_keys(text.encode(), WHERE)
    assert caught.value.detail.startswith("GNOSIS_API_KEYS_FILE, /etc/keys.json,")
    assert told in caught.value.detail
    assert "SECRET" not in caught.value.detail
    assert "\n" not in caught.value.detail


def test_a_missing_file_tells_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"does not exist; `gnosis-ocr keys add EMAIL` makes it"):
        read_keys(tmp_path / "keys.json")
    with pytest.raises(StartupError, match="can't be read: Is a directory"):
        read_keys(tmp_path)


def test_keys_are_random_and_only_their_hash_is_kept() -> None:
    keys = {new_key() for _ in range(20)}
    assert len(keys) == 20
    assert all(len(key) == 50 and key.startswith("gnosis_") for key in keys)
    key = new_key()
    assert key not in entry_of(key, "a@b", Limits(), "").model_dump_json()


def _add(path: Path, user: str) -> KeyEntry:
    entry = entry_of(new_key(), user, Limits(pages_a_day=3), "2026-01-01T00:00:00Z")
    change_keys(path, lambda held: (*held, entry))
    return entry


def test_a_change_is_whole_private_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first, second = _add(path, "a@b"), _add(path, "c@d")
    assert read_keys(path) == (first, second)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    change_keys(path, lambda held: held)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640, "or a server of that group would never learn of a revoked key"
    assert orjson.loads(path.read_bytes())["keys"][0]["limits"] == {"pages_a_day": 3}
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]


def test_a_change_that_fails_leaves_everything_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    _add(path, "a@b")
    before = path.read_bytes()

    def fail(held: tuple[KeyEntry, ...]) -> tuple[KeyEntry, ...]:
        raise StartupError("No.")

    with pytest.raises(StartupError, match="No"):
        change_keys(path, fail)
    path.write_bytes(b"damaged")
    with pytest.raises(StartupError, match="is no JSON"):
        _add(path, "c@d")
    assert path.read_bytes() == b"damaged"
    path.write_bytes(before)
    with pytest.raises(StartupError, match="can't be written: No such file"):
        _add(tmp_path / "nowhere" / "keys.json", "a@b")
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]


def test_a_link_is_followed_not_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "keys.json"
    _add(real, "a@b")
    link.symlink_to(real)
    _add(link, "c@d")
    assert link.is_symlink()
    assert len(read_keys(real)) == 2


def test_changes_at_the_same_time_are_all_made(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    threads = [threading.Thread(target=_add, args=(path, f"user{n}@example.org")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_keys(path)) == 8
