"""The blob store as each process reaches it: over a network that is slow, loses answers and delivers late.

A request belongs to the network once it is sent: it lands, or does not, whatever becomes of the process that sent it.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from cluster.blobs.memory import MemoryBlobStore, Operation
from cluster.blobs.port import Blob, BlobInfo
from cluster.errors import BlobError, BlobThrottled, BlobUnavailable
from tests.actors.job.simulation.history import History, Request
from tests.actors.job.simulation.loop import Process, SimulatedLoop

T = TypeVar("T")

REQUEST: contextvars.ContextVar[Request] = contextvars.ContextVar("request")


@dataclass(frozen=True, slots=True)
class Weather:
    """How often (0 to 1) which fault strikes a request.

    late: the caller is told "unavailable", and a write lands up to ``late_s`` seconds later, or never. latency_s: the
    longest time on the way there, and back. slow: how often a way takes up to twenty times as long. deadly: how often
    the sender, if it is a host, dies while its request is on the way.
    """

    unavailable: float = 0.0
    lost: float = 0.0
    late: float = 0.0
    throttled: float = 0.0
    slow: float = 0.0
    deadly: float = 0.0
    latency_s: float = 0.05
    late_s: float = 60.0


class Network:
    """away_until: processes that are cut off; outage_until: everybody is. arriving: how often (0 to 1) a request
    arrives all the same; its answer does not.

    traps: called before and after every act; what they do (kill the sender, say) happens at that moment.
    """

    def __init__(self, loop: SimulatedLoop, store: MemoryBlobStore, history: History, seed: int) -> None:
        self.weather = Weather()
        self.away_until: dict[Process, float] = {}
        self.outage_until = 0.0
        self.arriving = 0.2
        self.traps: list[Callable[[Request], None]] = []
        self._loop = loop
        self._store = store
        self._history = history
        self._random = Random(seed)
        self._process = loop.process("network")
        self._under_way: set[Request] = set()
        store.observe = self._observe

    def _observe(self, operation: Operation, data: bytes | None) -> None:
        request = REQUEST.get()
        request.acted = True
        self._history.acted(self._loop.time(), request, operation.generation)

    def killed(self, process: Process) -> None:
        """Of what the dead process had sent, some is lost, in an order that says nothing about which."""
        for request in sorted(self._under_way, key=lambda request: request.number):
            if request.process is process and not request.acted:
                request.dropped = self._random.random() < 0.5

    async def ask(self, request: Request, act: Callable[[MemoryBlobStore], Awaitable[T]]) -> T:
        """Sends the request and waits for its answer."""
        self._history.requests.append(request)
        answer: asyncio.Future[T] = self._loop.create_future()
        self._loop.start(self._process, self._carry(request, act, answer))
        return await answer

    async def _carry(
        self, request: Request, act: Callable[[MemoryBlobStore], Awaitable[T]], answer: asyncio.Future[T]
    ) -> None:
        REQUEST.set(request)
        self._under_way.add(request)
        try:
            result = await self._delivered(request, act, answer)
        except BlobError as error:
            _fail(answer, error)
        else:
            if not answer.done():
                request.answered = self._history.number()
                answer.set_result(result)
        finally:
            self._under_way.discard(request)

    async def _delivered(
        self, request: Request, act: Callable[[MemoryBlobStore], Awaitable[T]], answer: asyncio.Future[T]
    ) -> T:
        fate, weather = self._random.random(), self.weather
        away = self._loop.time() < max(self.away_until.get(request.process, 0.0), self.outage_until)
        await self._way(weather)
        if (away and fate >= self.arriving) or fate < weather.unavailable:
            raise BlobUnavailable(f"{request.name}: no answer")
        fate -= weather.unavailable
        if request.writes and 0 <= fate < weather.throttled:
            raise BlobThrottled(f"{request.name}: too many writes")
        fate -= weather.throttled
        if request.writes and 0 <= fate < weather.late:
            _fail(answer, BlobUnavailable(f"{request.name}: no answer yet"))
            await asyncio.sleep(self._random.uniform(0, weather.late_s))
            request.dropped = request.dropped or self._random.random() < 0.3
        self._spring(request)
        await asyncio.sleep(request.held_s)
        if request.dropped:
            raise BlobUnavailable(f"{request.name}: never arrived")
        result = await act(self._store)
        request.acted = True
        self._spring(request)
        await self._way(weather)
        if away or 0 <= fate - weather.late < weather.lost:
            raise BlobUnavailable(f"{request.name}: the answer was lost")
        return result

    def _spring(self, request: Request) -> None:
        for trap in self.traps:
            trap(request)

    async def _way(self, weather: Weather) -> None:
        factor = 20 if self._random.random() < weather.slow else 1
        await asyncio.sleep(self._random.uniform(0.001, weather.latency_s) * factor)


def _fail(answer: asyncio.Future[T], error: BlobError) -> None:
    if not answer.done():
        answer.set_exception(error)


class Connection:
    """The port to the blob store, as one process has it."""

    def __init__(self, network: Network, history: History, loop: SimulatedLoop, process: Process) -> None:
        self._network = network
        self._history = history
        self._loop = loop
        self._process = process

    def _request(
        self, operation: str, name: str, data: bytes | None = None, if_generation: int | None = None
    ) -> Request:
        number, now = self._history.number(), self._loop.time()
        return Request(number, now, self._process, operation, name, data, if_generation)

    async def read(self, name: str) -> Blob:
        return await self._network.ask(self._request("read", name), lambda store: store.read(name))

    async def read_range(self, name: str, start: int, end: int) -> bytes:
        request = self._request("read_range", name)
        return await self._network.ask(request, lambda store: store.read_range(name, start, end))

    async def open_read(self, name: str, chunk_size: int = 1 << 20) -> AsyncIterator[bytes]:
        yield (await self.read(name)).data

    async def create(self, name: str, data: bytes, *, durable: bool = True) -> int:
        request = self._request("create", name, data, 0)
        return await self._network.ask(request, lambda store: store.create(name, data))

    async def replace(self, name: str, data: bytes, if_generation: int, *, durable: bool = True) -> int:
        request = self._request("replace", name, data, if_generation)
        return await self._network.ask(request, lambda store: store.replace(name, data, if_generation))

    async def put(self, name: str, data: bytes, *, durable: bool = False) -> int:
        return await self._network.ask(self._request("put", name, data), lambda store: store.put(name, data))

    async def put_stream(self, name: str, chunks: AsyncIterator[bytes], *, durable: bool = True) -> BlobInfo:
        data = b"".join([chunk async for chunk in chunks])
        return BlobInfo(name, await self.put(name, data), len(data))

    async def list(self, prefix: str, start: str = "", limit: int = 1000) -> list[BlobInfo]:
        return await self._network.ask(self._request("list", prefix), lambda store: store.list(prefix, start, limit))

    async def delete(self, name: str, if_generation: int | None = None) -> None:
        request = self._request("delete", name, None, if_generation)
        await self._network.ask(request, lambda store: store.delete(name, if_generation))

    async def close(self) -> None:
        """Nothing to free."""
