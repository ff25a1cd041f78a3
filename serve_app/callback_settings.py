"""What the sending of callbacks takes from the settings."""

from __future__ import annotations

from importlib.metadata import version

from actors.job.callback_port import Callbacks
from actors.job.callback_sender import SignedSender
from cluster.clock import Clock
from cluster.guarded_http import GuardedClient
from cluster.settings import Settings


def callbacks_of(settings: Settings, clock: Clock) -> Callbacks:
    """Without a secret nothing is sent: callbacks that wait already go on waiting, up to their day."""
    secret = settings.secret_of_callbacks
    if secret is None:
        return Callbacks()
    client = GuardedClient(settings.callback_terms.reach, f"gnosis-ocr/{version('gnosis-ocr')}")
    return Callbacks(SignedSender(client, secret, clock))
