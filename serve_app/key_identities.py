"""Who is asking, by API key: ``Authorization: Bearer <key>``.

The file is looked at about once a second, by a request that comes, and read again when it has changed. A version that
can't be read is logged, and the one before it stays in force: a slip of the pen locks nobody out.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterable
from pathlib import Path

from starlette.datastructures import Headers

from cluster.clock import Clock
from cluster.errors import StartupError, Unauthorized
from serve_app.identity import Identity
from serve_app.key_file import KeyEntry, hash_of, read_keys

LOOK_S = 1.0
_BUCKET = 4
_log = logging.getLogger(__name__)

Stamp = tuple[int, int, int, int]
"""What tells one version of the file from another: its time, that of a change of its rights, its size, its inode."""


class KeyIdentities:
    """Reads the file at once: StartupError where it can't be read."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._stamp = self._stamp_now()
        self._by_bucket = _buckets(read_keys(path))
        self._looked_at = clock.monotonic()

    def of(self, headers: Headers) -> Identity:
        """Unauthorized, in the same words whatever is wrong with the key."""
        self._look()
        kind, _, key = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            raise Unauthorized
        presented = hash_of(key.strip())
        # Nobody can choose a hash, so what the bucket's choice takes tells nothing of the keys in it.
        for held, identity in self._by_bucket.get(presented[:_BUCKET], ()):
            if hmac.compare_digest(held, presented):
                return identity
        raise Unauthorized

    def _look(self) -> None:
        """Two system calls on a small local file at most once a second: no thread is worth it."""
        now = self._clock.monotonic()
        if now - self._looked_at < LOOK_S:
            return
        self._looked_at = now
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._by_bucket = _buckets(read_keys(self._path))
        except StartupError as error:
            _log.error("the API keys stay as they were: %s", error.detail)
        else:
            _log.info("the API keys were read again: %d", sum(len(keys) for keys in self._by_bucket.values()))

    def _stamp_now(self) -> Stamp | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _buckets(keys: Iterable[KeyEntry]) -> dict[str, list[tuple[str, Identity]]]:
    """Hashes and whose they are, by the first digits of the hash."""
    buckets: dict[str, list[tuple[str, Identity]]] = {}
    for key in keys:
        identity = Identity(key.user, key.what_is_limited, key.id)
        buckets.setdefault(key.sha256[:_BUCKET], []).append((key.sha256, identity))
    return buckets
