"""The file of API keys: JSON that people can edit, each key by its SHA-256 alone, bound to a user and to limits.

``{"keys": [{"user": "anna@example.org", "sha256": "<64 hex digits>", "limits": {"jobs_at_once": 5}}]}``

A key is random, 256 bits, so a plain hash of it tells nobody anything; a password would need more. Changes are made
under a lock on the folder, to a copy that then takes the file's place: nobody ever reads half a file.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cluster.errors import StartupError
from serve_app.limits import Limits

ID_LENGTH = 12
MOST_BYTES = 16 << 20
_PREFIX = "gnosis_"
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")


class _LimitsEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    jobs_at_once: int | None = Field(default=None, ge=1)
    pages_a_day: int | None = Field(default=None, ge=1)
    upload_mb: int | None = Field(default=None, ge=1)
    requests_a_second: float | None = Field(default=None, gt=0, allow_inf_nan=False)


class KeyEntry(BaseModel):
    """One key. user: an e-mail. sha256: of the key's text, lower-case hex. created_at: for people, may be empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str
    sha256: str
    created_at: str = ""
    limits: _LimitsEntry = _LimitsEntry()

    @field_validator("user")
    @classmethod
    def _user(cls, value: str) -> str:
        return checked_email(value)

    @field_validator("sha256")
    @classmethod
    def _sha256(cls, value: str) -> str:
        if re.fullmatch(r"[0-9a-f]{64}", value) is None:
            raise ValueError("must be 64 lower-case hex digits: the SHA-256 of the key, never the key itself")
        return value

    @property
    def id(self) -> str:
        """How people name the key: the first digits of its hash."""
        return self.sha256[:ID_LENGTH]

    @property
    def what_is_limited(self) -> Limits:
        return Limits(**self.limits.model_dump())


class _KeyFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: tuple[KeyEntry, ...]


def checked_email(text: str) -> str:
    """The e-mail as it is; ValueError where it is none."""
    if len(text) > 254 or _EMAIL.fullmatch(text) is None:
        raise ValueError("must be an e-mail such as anna@example.org")
    return text


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def new_key() -> str:
    return _PREFIX + secrets.token_urlsafe(32)


def entry_of(key: str, user: str, limits: Limits, created_at: str) -> KeyEntry:
    """ValueError (pydantic's) where the user is no e-mail, or a limit is out of range."""
    given = {name: value for name, value in asdict(limits).items() if value is not None}
    return KeyEntry(user=user, sha256=hash_of(key), created_at=created_at, limits=_LimitsEntry(**given))


def read_keys(path: Path) -> tuple[KeyEntry, ...]:
    """StartupError says in one line what is wrong with the file, and where."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise StartupError(f"{_named(path)} is larger than {MOST_BYTES >> 20} MB.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise StartupError(
            f"{_named(path)} does not exist; `gnosis-ocr keys add EMAIL` makes it with a first key."
        ) from None
    except OSError as error:
        raise StartupError(f"{_named(path)} can't be read: {error.strerror}.") from error
    return parse_keys(data, path)


def parse_keys(data: bytes, path: Path) -> tuple[KeyEntry, ...]:
    """path: for messages. StartupError."""
    try:
        content = orjson.loads(data)
        if not isinstance(content, dict):
            raise StartupError(f'{_named(path)} must be an object {{"keys": […]}}.')
        keys = _KeyFile.model_validate(content).keys
    except orjson.JSONDecodeError as error:
        raise StartupError(f"{_named(path)} is no JSON: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        # Never the value: somebody may have put the key itself where its hash belongs.
        raise StartupError(
            f"{_named(path)} is wrong at {where}: {first['msg'].removeprefix('Value error, ')}."
        ) from None
    seen: set[str] = set()
    for key in keys:
        if key.sha256 in seen:
            raise StartupError(f"{_named(path)} has the key {key.id} twice.")
        seen.add(key.sha256)
    return keys


def change_keys(path: Path, change: Callable[[tuple[KeyEntry, ...]], tuple[KeyEntry, ...]]) -> None:
    """Replaces the file's keys by what ``change`` makes of them; the file is made where there is none. StartupError."""
    path = path.expanduser().resolve()
    try:
        with _locked(path.parent):
            before = read_keys(path) if path.exists() else ()
            _write(path, change(before))
    except OSError as error:
        raise StartupError(f"{_named(path)} can't be written: {error.strerror}.") from error


def _write(path: Path, keys: tuple[KeyEntry, ...]) -> None:
    content = [key.model_dump(exclude_none=True, exclude_defaults=True) for key in keys]
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(orjson.dumps({"keys": content}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
            if path.exists():
                _keep_owner(file.fileno(), path)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise


def _keep_owner(file: int, path: Path) -> None:
    """An administrator's change leaves the file to the user, or group, that the server runs as."""
    held = path.stat()
    with suppress(PermissionError):
        os.fchown(file, held.st_uid, held.st_gid)
        os.fchmod(file, stat.S_IMODE(held.st_mode))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One change at a time; the folder's entry for the new file is durable at the end."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
        os.fsync(handle)
    finally:
        os.close(handle)


def _named(path: Path) -> str:
    return f"GNOSIS_API_KEYS_FILE, {path},"
