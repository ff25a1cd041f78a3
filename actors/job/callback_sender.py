"""Sends callbacks: signed, and only to where the server may reach."""

from __future__ import annotations

from actors.job.callback import Callback
from actors.job.callback_port import CallbackAnswer
from actors.ocr.retry_after import retry_after_s
from cluster.clock import Clock
from cluster.guarded_http import GuardedClient
from cluster.webhook_signature import WebhookSecret


class SignedSender:
    def __init__(self, client: GuardedClient, secret: WebhookSecret, clock: Clock) -> None:
        self._client = client
        self._secret = secret
        self._clock = clock

    async def send(self, callback: Callback, record: bytes) -> CallbackAnswer:
        now = self._clock.now()
        signed = self._secret.headers(callback.webhook_id, int(now.timestamp()), record)
        reply = await self._client.post(callback.url, {"content-type": "application/json", **signed}, record)
        return CallbackAnswer(reply.status, retry_after_s(reply.headers.get("retry-after"), now))

    async def close(self) -> None:
        await self._client.close()
