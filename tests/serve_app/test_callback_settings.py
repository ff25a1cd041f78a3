"""How callbacks are sent follows from the settings."""

from __future__ import annotations

from actors.job.callback_port import NoSender
from actors.job.callback_sender import SignedSender
from cluster.clock import ManualClock
from cluster.settings import load_settings
from serve_app.callback_settings import callbacks_of


async def test_with_a_secret_they_are_signed_and_without_one_not_sent() -> None:
    assert isinstance(callbacks_of(load_settings(), ManualClock()).sender, NoSender)
    signed = callbacks_of(load_settings(webhook_secret="whsec_" + "QUJD" * 8), ManualClock()).sender
    assert isinstance(signed, SignedSender)
    await signed.close()
