"""What goes over the wire: the record as stored, signed with the time of the attempt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from actors.job.callback import Callback
from actors.job.callback_port import CallbackAnswer
from actors.job.callback_sender import SignedSender
from cluster.clock import ManualClock
from cluster.guarded_http import GuardedClient
from cluster.reach import Reach, parse_networks
from cluster.webhook_signature import WebhookSecret

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CALLBACK = Callback("job", "p/", "http://127.0.0.1/done", 2, "", 7)


async def test_a_signed_post() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(503, headers={"Retry-After": "30"}, stream=httpx.ByteStream(b""))

    clock = ManualClock(datetime.now(UTC))
    client = GuardedClient(
        Reach(parse_networks("127.0.0.0/8")), "gnosis-ocr/1.2", transport=httpx.MockTransport(answer)
    )
    sender = SignedSender(client, WebhookSecret(SECRET), clock)
    assert await sender.send(CALLBACK, b'{"job_id": "job"}') == CallbackAnswer(503, 30.0)
    (request,) = sent
    headers: dict[str, Any] = dict(request.headers)
    assert Webhook(SECRET).verify(request.content, headers) == {"job_id": "job"}
    assert headers["webhook-id"] == "job_2"
    assert headers["webhook-timestamp"] == str(int(clock.now().timestamp()))
    assert (headers["content-type"], headers["user-agent"]) == ("application/json", "gnosis-ocr/1.2")
    await sender.close()
