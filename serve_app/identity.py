"""Who is asking. Without configured keys the server is open: everything belongs to one anonymous user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from starlette.datastructures import Headers

from serve_app.limits import UNLIMITED, Limits

ANONYMOUS = "anonymous@gnosis-ocr.local"


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller. email: what jobs and blob names are bound to. key_id: of the API key, empty in open mode."""

    email: str
    limits: Limits = UNLIMITED
    key_id: str = ""

    def owns(self, email: str) -> bool:
        return self.email.lower() == email.lower()


class Identities(Protocol):
    def of(self, headers: Headers) -> Identity:
        """The caller of a request with these headers. Unauthorized."""


_ANYBODY = Identity(ANONYMOUS)


class OpenIdentities:
    """Open mode: whatever the headers say, the caller is the anonymous user."""

    def of(self, headers: Headers) -> Identity:
        return _ANYBODY
