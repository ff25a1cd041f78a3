"""The port to the receivers of callbacks, and how a host uses it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from actors.job.callback import Callback
from actors.job.callback_policy import CallbackPolicy
from cluster.errors import FetchFailed


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What a receiver answered: its status, and how long it asks to be left alone, in seconds."""

    status: int
    retry_after_s: float | None = None

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300


class CallbackSender(Protocol):
    async def send(self, callback: Callback, record: bytes) -> CallbackAnswer:
        """Posts the record as stored. FetchFailed where no answer came, or nothing may be sent there."""

    async def close(self) -> None:
        """Frees threads and connections; nothing is sent after it."""


class NoSender:
    """Of a host without a secret to sign with: callbacks that another setting has let in wait for one."""

    async def send(self, callback: Callback, record: bytes) -> CallbackAnswer:
        raise FetchFailed("This host has no secret to sign callbacks with.")

    async def close(self) -> None:
        """Nothing to free."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """How a host sends callbacks. chance: a number from 0 to 1, at random."""

    sender: CallbackSender = field(default_factory=NoSender)
    policy: CallbackPolicy = field(default_factory=CallbackPolicy)
    chance: Callable[[], float] = random.random
