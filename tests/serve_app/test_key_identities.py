"""Who is asking, by API key; and the file taken up anew when it changes."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from cluster.clock import ManualClock
from cluster.errors import StartupError, Unauthorized
from serve_app.identity import Identity
from serve_app.key_file import change_keys, entry_of, hash_of
from serve_app.key_identities import KeyIdentities
from serve_app.limits import Limits

KEY = "gnosis_of-anna"
ANNA = Identity("anna@example.org", Limits(jobs_at_once=2), hash_of(KEY)[:12])


def _write(path: Path, keys: dict[str, str], limits: Limits = ANNA.limits) -> None:
    entries = tuple(entry_of(key, user, limits, "") for key, user in keys.items())
    change_keys(path, lambda held: entries)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "keys.json"
    _write(made, {KEY: ANNA.email, "another": "bert@example.org"})
    return made


def _of(identities: KeyIdentities, key: str) -> Identity:
    return identities.of(Headers({"Authorization": f"Bearer {key}"}))


def test_a_key_tells_its_user_and_limits(path: Path) -> None:
    identities = KeyIdentities(path, ManualClock())
    assert _of(identities, KEY) == ANNA
    assert identities.of(Headers({"authorization": f"bearer  {KEY} "})) == ANNA
    assert _of(identities, "another").email == "bert@example.org"


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", f"Basic {KEY}", KEY, f"Bearer {KEY}x", f"Bearer {hash_of(KEY)}", "Bearer \u00e9"],
)
def test_everything_else_is_unauthorized(path: Path, header: str | None) -> None:
    identities = KeyIdentities(path, ManualClock())
    with pytest.raises(Unauthorized) as caught:
        identities.of(Headers({} if header is None else {"Authorization": header}))
    assert caught.value.detail == "A valid API key is needed: `Authorization: Bearer <key>`."


async def test_a_changed_file_is_taken_up_within_a_second(path: Path) -> None:
    clock = ManualClock()
    identities = KeyIdentities(path, clock)
    _write(path, {"new": ANNA.email}, Limits(jobs_at_once=9))
    assert _of(identities, KEY) == ANNA
    await clock.advance(1)
    assert _of(identities, "new").limits == Limits(jobs_at_once=9)
    with pytest.raises(Unauthorized):
        _of(identities, KEY)


async def test_a_version_that_can_not_be_read_changes_nothing_and_is_logged_once(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock()
    identities = KeyIdentities(path, clock)
    before = path.read_bytes()
    with caplog.at_level(logging.ERROR):
        for damage in (b"{", None):
            caplog.clear()
            if damage is None:
                path.unlink()
            else:
                path.write_bytes(damage)
            for _ in range(3):
                await clock.advance(1)
                assert _of(identities, KEY) == ANNA
            assert len(caplog.records) == 1
            assert "the API keys stay as they were" in caplog.text
    path.write_bytes(before)
    _write(path, {"new": ANNA.email})
    await clock.advance(1)
    assert _of(identities, "new").email == ANNA.email


async def test_a_file_that_was_made_readable_is_taken_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a key revoked by somebody whose file the server may not read would stay good for ever."""
    clock = ManualClock()
    identities = KeyIdentities(path, clock)
    _write(path, {"new": ANNA.email})
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", _forbidden)
        await clock.advance(1)
        assert _of(identities, KEY) == ANNA
    await asyncio.sleep(0.02)  # the file system's clock is coarse
    path.chmod(0o640)
    await clock.advance(1)
    with pytest.raises(Unauthorized):
        _of(identities, KEY)


def _forbidden(path: Path) -> bytes:
    raise PermissionError(13, "Permission denied")


async def test_the_file_is_looked_at_no_more_than_once_a_second(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock()
    identities = KeyIdentities(path, clock)
    looks: list[str] = []
    stat = os.stat

    def counting(self: Path, **options: bool) -> os.stat_result:
        looks.append(str(self))
        return stat(self, **options)

    monkeypatch.setattr(Path, "stat", counting)
    for _ in range(10):
        _of(identities, KEY)
    assert looks == []
    await clock.advance(1)
    for _ in range(10):
        _of(identities, KEY)
    assert len(looks) == 1


def test_a_start_without_a_readable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="does not exist"):
        KeyIdentities(tmp_path / "keys.json", ManualClock())
