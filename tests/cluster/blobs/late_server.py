"""A store on Cloud Storage's double whose server does not listen yet: no connection comes about until it does."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from cluster.blobs.google import GoogleBlobStore
from cluster.blobs.google_address import GoogleAddress
from cluster.blobs.google_client import EMULATOR
from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.server import running_double
from tests.ports import free_port


class LateServer:
    def __init__(self, cloud: CloudDouble) -> None:
        self._port = free_port()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(EMULATOR, f"http://127.0.0.1:{self._port}")
            self.store = GoogleBlobStore(GoogleAddress("bucket", ""))
        self._cloud = cloud
        self._running = ExitStack()

    def open(self) -> None:
        """The server listens from now on."""
        self._running.enter_context(running_double(self._cloud, self._port))

    async def __aenter__(self) -> LateServer:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.store.close()
        self._running.close()
