"""Signatures are those of Standard Webhooks: its own library takes them, and refuses what was changed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from cluster.webhook_signature import WebhookSecret

TEXT = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"job_id": "1", "message": "Größe"}'.encode()


def test_the_vector_of_the_specification() -> None:
    headers = WebhookSecret(TEXT).headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_library_of_standard_webhooks_takes_it() -> None:
    headers = WebhookSecret(TEXT).headers("job_1", int(datetime.now(UTC).timestamp()), BODY)
    assert Webhook(TEXT).verify(BODY, headers)["message"] == "Größe"
    for changed, body in (
        (headers | {"webhook-id": "job_2"}, BODY),
        (headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}, BODY),
        (headers, BODY + b" "),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(TEXT).verify(body, changed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        TEXT.removeprefix("whsec_"),
        "whsec_not base64!",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
    ],
)
def test_what_is_no_secret(text: str) -> None:
    with pytest.raises(ValueError, match="24 to 64 bytes"):
        WebhookSecret(text)


def test_it_shows_nothing_of_itself() -> None:
    assert TEXT[6:] not in repr(WebhookSecret(TEXT))
