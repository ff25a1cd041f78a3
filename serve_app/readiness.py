"""What keeps this server from serving: the blob store, the hosts, the pools."""

from __future__ import annotations

import asyncio

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobError
from serve_app.gateway import Gateway

STORE_WITHIN_S = 3.0
HOSTS_WITHIN_S = 6.0
"""Longer than one call to a host may take, so that the gateway can name the host that does not answer."""


class Readiness:
    def __init__(
        self,
        store: BlobStore,
        gateway: Gateway,
        *,
        store_within_s: float = STORE_WITHIN_S,
        hosts_within_s: float = HOSTS_WITHIN_S,
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._store_within_s = store_within_s
        self._hosts_within_s = hosts_within_s

    async def missing(self) -> list[str]:
        """A line for each thing that is missing; empty when all is there. Answers within a few seconds."""
        store, hosts = await asyncio.gather(self._store_missing(), self._hosts_missing())
        return store + hosts

    async def _store_missing(self) -> list[str]:
        try:
            async with asyncio.timeout(self._store_within_s):
                await self._store.list(layout.markers_of_slot(0), limit=1)
        except (BlobError, TimeoutError):
            return ["blob store: no answer"]
        return []

    async def _hosts_missing(self) -> list[str]:
        try:
            async with asyncio.timeout(self._hosts_within_s):
                return await self._gateway.missing()
        except TimeoutError:
            return ["job hosts: no answer"]
