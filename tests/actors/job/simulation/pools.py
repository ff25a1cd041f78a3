"""The pools of a simulation: a Renderer that draws nothing, and an engine that takes its time, in a process apart.

Every reading of a page gives another text, so that what is stored tells which reading it came from.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, TypeVar

from actors.job.ports import ReplicaLost
from actors.ocr.protocol import RecognizeRequest
from actors.render.null_renderer import NullRenderer
from actors.render.protocol import (
    ArrangeAnswer,
    ArrangeRequest,
    AssembleRequest,
    DocumentRef,
    OpenedDocument,
    RenderAnswer,
    RenderRequest,
)
from cluster.errors import BlobUnavailable, DocumentError, GnosisError, PageError
from cluster.page_text import PageText
from tests.actors.job.simulation.history import History, Reading
from tests.actors.job.simulation.loop import CURRENT, Process, SimulatedLoop
from tests.actors.job.simulation.network import Connection

T = TypeVar("T")

WAIT_S = 1.0
"""Between tries while the blob store does not answer a replica, as with the real pools."""


class Pools:
    """shut: pages (job id, number) that are not read until they are taken out. slowest_s: of a reading.

    losses: how often (0 to 1) the replica under a page is preempted.
    """

    def __init__(self, loop: SimulatedLoop, connection: Connection, process: Process, history: History, seed: int):
        self.shut: set[tuple[str, int]] = set()
        self.opened = loop.create_future()
        self.slowest_s = 5.0
        self.losses = 0.0
        self._loop = loop
        self._history = history
        self._process = process
        self._renderer = NullRenderer(connection)
        self._random = Random(seed)

    def open_all(self) -> None:
        """No page is shut any more."""
        self.shut.clear()
        self.opened.set_result(None)

    async def open(self, document: DocumentRef) -> OpenedDocument | DocumentError:
        return await self._call(lambda: self._renderer.open(document))

    async def render(self, requests: list[RenderRequest]) -> list[RenderAnswer]:
        return await self._call(lambda: self._renderer.render(requests), self.losses)

    async def arrange(self, requests: list[ArrangeRequest]) -> list[ArrangeAnswer]:
        return await self._call(lambda: self._renderer.arrange(requests), self.losses)

    async def assemble(self, request: AssembleRequest) -> dict[str, GnosisError]:
        return await self._call(lambda: self._renderer.assemble(request))

    async def recognize(self, requests: list[RecognizeRequest]) -> list[PageText | PageError]:
        asker = CURRENT.get()
        assert asker is not None
        for request in requests:
            number = self._history.number()
            reading = Reading(number, self._loop.time(), asker, request.job_id, request.page)
            self._history.readings.append(reading)
        return await self._call(lambda: self._read(requests), self.losses)

    async def _read(self, requests: list[RecognizeRequest]) -> list[PageText | PageError]:
        texts: list[PageText | PageError] = []
        for request in requests:
            if (request.job_id, request.page) in self.shut:
                await asyncio.shield(self.opened)
            await asyncio.sleep(self._random.uniform(0.01, self.slowest_s))
            text = f"page {request.page}, reading {self._history.number()}"
            texts.append(PageText(text, engine="simulated", engine_version="1", confidence=1.0))
        return texts

    async def _call(self, work: Callable[[], Coroutine[Any, Any, T]], losses: float = 0.0) -> T:
        """As serve_app/ray_pools.py does: waits while the blob store is away, and tells of replicas that are lost."""
        while True:
            answer: asyncio.Future[T] = self._loop.create_future()
            self._loop.start(self._process, self._answer(work, answer, losses))
            try:
                return await answer
            except BlobUnavailable:
                await asyncio.sleep(WAIT_S)

    async def _answer(
        self, work: Callable[[], Coroutine[Any, Any, T]], answer: asyncio.Future[T], losses: float
    ) -> None:
        await asyncio.sleep(self._random.uniform(0.001, 0.02))
        try:
            if self._random.random() < losses:
                raise ReplicaLost("preempted", announced=True)
            result = await work()
        except GnosisError as error:
            if not answer.done():
                answer.set_exception(error)
        else:
            if not answer.done():
                answer.set_result(result)
