"""A JobHost whose callbacks go to a scripted receiver."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from actors.job.callback import Callback
from actors.job.callback_policy import CallbackPolicy
from actors.job.callback_port import CallbackAnswer, Callbacks
from actors.job.job_host import JobHost
from cluster import layout
from cluster.marker import Marker, decode_marker, encode_marker
from tests.actors.job.host_world import HostWorld, until

URL = "https://receiver.example/done"
OK = CallbackAnswer(200)


@dataclass
class Receiver:
    """answers: in turn, the last one stays; an exception is raised. gate: where it is not set, no answer comes."""

    answers: list[CallbackAnswer | Exception] = field(default_factory=lambda: [OK])
    sent: list[tuple[Callback, bytes]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    async def send(self, callback: Callback, record: bytes) -> CallbackAnswer:
        self.sent.append((callback, record))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        """Nothing to free."""

    @property
    def ids(self) -> list[str]:
        return [callback.webhook_id for callback, _ in self.sent]


QUICK = CallbackPolicy(first_s=0.01, most_s=0.02)
SLOW = CallbackPolicy(first_s=60, most_s=60)


def world_of(receiver: Receiver, policy: CallbackPolicy = QUICK) -> HostWorld:
    return HostWorld(callbacks=Callbacks(receiver, policy, lambda: 0.5))


async def ended(world: HostWorld, receiver: Receiver, *, key: str | None = None) -> tuple[JobHost, Marker]:
    """A host, and a job of it that has ended and was sent once."""
    host = world.host()
    await host.start()
    marker = await world.accept(2, options={"callback_url": URL}, key=key)
    await world.store.put(layout.marker(marker.job_id), encode_marker(replace(marker, password="geheim")))
    await host.adopt(marker.job_id)
    await until(lambda: len(receiver.sent) >= 1)
    return host, marker


async def standing(world: HostWorld, marker: Marker) -> Marker:
    return decode_marker((await world.store.read(layout.marker(marker.job_id))).data)
