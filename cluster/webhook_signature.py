"""Signatures of callbacks, as Standard Webhooks lays them down (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac

PREFIX = "whsec_"
KEY_BYTES = (24, 64)


class WebhookSecret:
    """text: ``whsec_`` and 24 to 64 bytes in base64; ValueError where it is none. It shows nothing of itself."""

    __slots__ = ("_key",)

    def __init__(self, text: str) -> None:
        encoded = text.removeprefix(PREFIX)
        try:
            self._key = base64.b64decode(encoded, validate=True)
        except ValueError:
            self._key = b""
        least, most = KEY_BYTES
        if encoded == text or not least <= len(self._key) <= most:
            raise ValueError(f"must be {PREFIX} and {least} to {most} bytes in base64")

    def headers(self, webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
        """The three headers. webhook_id: without a full stop. timestamp: seconds since 1970, of this attempt."""
        content = f"{webhook_id}.{timestamp}.".encode() + body
        digest = hmac.new(self._key, content, hashlib.sha256).digest()
        return {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }
