"""The receivers of a simulation's callbacks: slow, refusing, and over a network that loses what is sent or answered."""

from __future__ import annotations

import asyncio
from random import Random

from actors.job.callback import Callback
from actors.job.callback_port import CallbackAnswer
from cluster.errors import FetchFailed
from tests.actors.job.simulation.history import History, Post
from tests.actors.job.simulation.loop import Process, SimulatedLoop


class Receivers:
    """refusing: how often (0 to 1) one answers 503, or nothing. slowest_s: until it answers."""

    def __init__(self, loop: SimulatedLoop, history: History, seed: int) -> None:
        self.refusing = 0.0
        self.slowest_s = 1.0
        self.loop = loop
        self.history = history
        self.random = Random(seed)


class Sender:
    """A process's way to the receivers."""

    def __init__(self, receivers: Receivers, process: Process) -> None:
        self._receivers = receivers
        self._process = process

    async def send(self, callback: Callback, record: bytes) -> CallbackAnswer:
        to = self._receivers
        number = to.history.number()
        post = Post(number, to.loop.time(), self._process, callback.job_id, callback.run, record)
        to.history.posts.append(post)
        await asyncio.sleep(to.random.uniform(0.01, to.slowest_s))
        if to.random.random() < to.refusing:
            if to.random.random() < 0.5:
                raise FetchFailed
            return CallbackAnswer(503)
        post.taken = to.history.number()
        return CallbackAnswer(204)

    async def close(self) -> None:
        """Nothing to free."""
