"""Where the server is and how it is spoken to: address, key, patience of a connection."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from gnosis_ocr.errors import AddressInvalid, ServerSilent, ServerUnreachable, Unauthorized
from gnosis_ocr.steps import Request

DEFAULT_URL = "http://127.0.0.1:8000"
CONNECT_S = 5.0

_SILENCE = (httpx.ReadTimeout, httpx.WriteTimeout)

_AS_MANY_AS_NEEDED = httpx.Limits(max_connections=None, max_keepalive_connections=100)
"""A job that is followed has a connection for as long: were they bounded, who follows many jobs could ask nothing else
meanwhile, neither for a page's image nor for a cancellation."""


@dataclass(frozen=True, slots=True)
class Connection:
    """url: without a slash at its end. key: the API key, empty where there is none. timeout_s: of silence."""

    url: str
    key: str
    timeout_s: float

    @property
    def arguments(self) -> dict[str, Any]:
        """Of httpx's clients."""
        return {
            "base_url": self.url,
            "timeout": self._timeout(self.timeout_s),
            "limits": _AS_MANY_AS_NEEDED,
            "headers": {"Authorization": f"Bearer {self.key}"} if self.key else {},
            # A proxy of the environment is never the way to this machine itself.
            "trust_env": not _is_loopback(urlsplit(self.url).hostname or ""),
        }

    def sent(self, request: Request) -> dict[str, Any]:
        """Of a request with httpx, but for its body."""
        headers = dict(request.headers)
        if not isinstance(request.body, bytes):
            headers["Content-Length"] = str(request.body.size)
        sent: dict[str, Any] = {"method": request.method, "url": request.path, "headers": headers}
        return sent if request.idle_s is None else {**sent, "timeout": self._timeout(request.idle_s)}

    def fault(self, error: httpx.HTTPError) -> ServerUnreachable:
        """What it means that no answer came, or not all of it."""
        reason = str(error).rstrip(".") or type(error).__name__
        cls = ServerSilent if isinstance(error, _SILENCE) else ServerUnreachable
        return cls(f"{self.url} does not answer: {reason}.")

    def _timeout(self, idle_s: float) -> httpx.Timeout:
        return httpx.Timeout(idle_s, connect=min(idle_s, CONNECT_S), pool=None)


def connection(url: str | None, key: str | None, timeout_s: float) -> Connection:
    """What is None comes from GNOSIS_URL and GNOSIS_API_KEY. AddressInvalid; Unauthorized: the key can't be sent."""
    given = "GNOSIS_API_KEY" if key is None else "`api_key`"
    key = (os.environ.get("GNOSIS_API_KEY", "") if key is None else key).strip()
    if not (key.isascii() and key.isprintable()):
        raise Unauthorized(f"{given} is no API key.", status=401, code="unauthorized")
    return Connection(checked_url(url or os.environ.get("GNOSIS_URL") or DEFAULT_URL), key, timeout_s)


def checked_url(url: str) -> str:
    """Without a slash at its end. AddressInvalid."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        sound = False
    if not sound or parts.query or parts.fragment:
        raise AddressInvalid(f"{url!r} is not an address such as {DEFAULT_URL}.")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
