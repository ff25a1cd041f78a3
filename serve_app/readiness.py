"""What keeps this server from serving: the blob store, the hosts, the pools."""

from __future__ import annotations

import asyncio

from cluster.blobs.port import BlobStore
from cluster.errors import BlobError
from serve_app.gateway import Gateway

PROBE_WITHIN_S = 3.0


class Readiness:
    def __init__(self, store: BlobStore, gateway: Gateway, *, within_s: float = PROBE_WITHIN_S) -> None:
        self._store = store
        self._gateway = gateway
        self._within_s = within_s

    async def missing(self) -> list[str]:
        """A line for each thing that is missing; empty when all is there. Answers within a few seconds."""
        store, hosts = await asyncio.gather(self._store_missing(), self._hosts_missing())
        return store + hosts

    async def _store_missing(self) -> list[str]:
        try:
            async with asyncio.timeout(self._within_s):
                await self._store.list("hosts/", limit=1)
        except (BlobError, TimeoutError):
            return ["blob store: no answer"]
        return []

    async def _hosts_missing(self) -> list[str]:
        try:
            async with asyncio.timeout(self._within_s):
                return await self._gateway.missing()
        except TimeoutError:
            return ["job hosts: no answer"]
