"""One name takes about one write a second: a bucket of three tokens each, one refilled a second, and counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.cloud_storage.exchange import Refusal

BURST = 3
PER_SECOND = 1.0


@dataclass(slots=True)
class WriteCount:
    """written: creations, replacements and deletions that were carried out. refused: with 429, for coming too fast."""

    written: int = 0
    refused: int = 0


@dataclass(slots=True)
class _Tokens:
    left: float
    at: float


class WriteLimit:
    """enforced: False counts only. monotonic: seconds. counts: by ``bucket/name``."""

    def __init__(self, monotonic: Callable[[], float], *, enforced: bool = True) -> None:
        self.enforced = enforced
        self.counts: dict[str, WriteCount] = {}
        self._monotonic = monotonic
        self._tokens: dict[str, _Tokens] = {}

    def take(self, name: str) -> None:
        """A write of ``name`` is about to be done. Refusal 429 where it comes too fast."""
        now = self._monotonic()
        count = self.counts.setdefault(name, WriteCount())
        tokens = self._tokens.setdefault(name, _Tokens(BURST, now))
        tokens.left = min(BURST, tokens.left + (now - tokens.at) * PER_SECOND)
        tokens.at = now
        if self.enforced and tokens.left < 1:
            count.refused += 1
            raise Refusal(
                429,
                "rateLimitExceeded",
                f"The object {name} exceeded the rate limit for object mutation operations. Reduce your request rate.",
            )
        tokens.left -= 1
        count.written += 1
