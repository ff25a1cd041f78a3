"""An Ingress replica that does one operation on the blob store at a time, when the test lets it; or never again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx

from cluster.blobs.memory import MemoryBlobStore
from cluster.blobs.port import Blob, BlobInfo
from cluster.clock import ManualClock, settle
from cluster.settings import load_settings
from serve_app.app import create_app
from serve_app.fake_gateway import FakeGateway


class SteppedStore:
    """The blob store as one replica sees it: every operation waits for ``leave``. steps: how many were let through."""

    def __init__(self, store: MemoryBlobStore) -> None:
        self._store = store
        self._leave: asyncio.Future[None] | None = None
        self._dead = False
        self.steps = 0

    @property
    def waiting(self) -> bool:
        return self._leave is not None

    def leave(self) -> None:
        assert self._leave is not None
        self._leave.set_result(None)
        self._leave = None
        self.steps += 1

    def crash(self) -> None:
        """Nothing more is done, by nobody."""
        self._dead = True
        if self._leave is not None:
            self._leave.cancel()

    async def _turn(self) -> None:
        if self._dead:
            raise asyncio.CancelledError
        assert self._leave is None, "a submission does one thing after the other"
        self._leave = asyncio.get_running_loop().create_future()
        await self._leave

    async def read(self, name: str) -> Blob:
        await self._turn()
        return await self._store.read(name)

    async def read_range(self, name: str, start: int, end: int) -> bytes:
        await self._turn()
        return await self._store.read_range(name, start, end)

    async def open_read(self, name: str, chunk_size: int = 1 << 20) -> AsyncIterator[bytes]:
        await self._turn()
        async for piece in self._store.open_read(name, chunk_size):
            yield piece

    async def create(self, name: str, data: bytes, *, durable: bool = True) -> int:
        await self._turn()
        return await self._store.create(name, data, durable=durable)

    async def replace(self, name: str, data: bytes, if_generation: int, *, durable: bool = True) -> int:
        await self._turn()
        return await self._store.replace(name, data, if_generation, durable=durable)

    async def put(self, name: str, data: bytes, *, durable: bool = False) -> int:
        await self._turn()
        return await self._store.put(name, data, durable=durable)

    async def put_stream(self, name: str, chunks: AsyncIterator[bytes], *, durable: bool = True) -> BlobInfo:
        await self._turn()
        return await self._store.put_stream(name, chunks, durable=durable)

    async def list(self, prefix: str, start: str = "", limit: int = 1000) -> list[BlobInfo]:
        await self._turn()
        return await self._store.list(prefix, start, limit)

    async def delete(self, name: str, if_generation: int | None = None) -> None:
        await self._turn()
        await self._store.delete(name, if_generation)

    async def close(self) -> None:
        return None


class Replica:
    """One submission on a replica of its own. A replica that is not stepped any more has crashed."""

    def __init__(self, store: MemoryBlobStore, content: bytes, key: str) -> None:
        self._store = SteppedStore(store)
        clock = ManualClock()
        app = create_app(
            store=self._store,
            gateway=FakeGateway(clock),
            settings=load_settings(store="memory://"),
            clock=clock,
            version="1.2.3",
        )
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
        headers = {"Content-Type": "application/pdf", "Idempotency-Key": key}
        self._answer = asyncio.create_task(self._client.post("/api/jobs", content=content, headers=headers))

    @property
    def steps(self) -> int:
        return self._store.steps

    async def step(self) -> bool:
        """Lets it do its next operation. False: it has answered."""
        if not await self._at_rest():
            return False
        self._store.leave()
        await self._at_rest()
        return True

    async def answer(self) -> httpx.Response:
        while await self.step():
            continue
        return self._answer.result()

    async def close(self) -> None:
        self._store.crash()
        self._answer.cancel()
        await asyncio.wait([self._answer])
        await settle()
        await self._client.aclose()

    async def _at_rest(self) -> bool:
        """Waits until it wants the store again (True), or has answered."""
        while not self._store.waiting:
            if self._answer.done():
                return False
            await asyncio.sleep(0)
        return True
