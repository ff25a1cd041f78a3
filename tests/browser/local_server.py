"""The HTTP side over a folder, at a port that it keeps: started, ended and started again within moments; no cluster.

What is submitted to it stays queued; what stands in the folder is answered.
"""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import uvicorn

from cluster.blobs.local import LocalBlobStore
from cluster.clock import SystemClock
from cluster.settings import load_settings
from serve_app.app import create_app
from serve_app.fake_gateway import FakeGateway
from serve_app.figures import Figures
from serve_app.key_file import change_keys, entry_of
from serve_app.limits import UNLIMITED
from tests.ports import free_port

OWNER = "anna@example.org"
"""Whose the key is, where one is asked for."""


class _HastyClock(SystemClock):
    """ahead: by how many seconds it runs ahead of the true time."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


class LocalServer:
    """folder: of the blob store and, where keys are asked for, of the file of keys.

    figures: what the cluster would tell of itself, until ``tell`` says otherwise.
    """

    def __init__(self, folder: Path, *, figures: Figures | None = None, **settings: Any) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._figures = figures or Figures()
        self._gateway: FakeGateway | None = None
        self._clock = _HastyClock()
        self._settings = settings
        self._running: tuple[uvicorn.Server, threading.Thread, socket.socket] | None = None

    def start(self) -> None:
        clock = self._clock
        gateway = self._gateway = FakeGateway(clock)
        gateway.told = self._figures
        settings = load_settings(store=f"file://{self.folder}", **self._settings)
        store = LocalBlobStore(str(self.folder))
        app = create_app(store=store, gateway=gateway, settings=settings, clock=clock, version="1.2.3")
        listener = socket.create_server(("127.0.0.1", self.port))
        config = uvicorn.Config(app, log_config=None, ws="none", lifespan="off", loop="asyncio", http="h11")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        self._running = server, thread, listener

    def tell(self, figures: Figures) -> None:
        self._figures = figures
        if self._gateway is not None:
            self._gateway.told = figures
        self.let_pass(5)

    def let_pass(self, seconds: float) -> None:
        """What the server keeps for a while is so much older at once."""
        self._clock.ahead += seconds

    def stop(self) -> None:
        """At once: whoever is being served is cut off."""
        if self._running is None:
            return
        server, thread, listener = self._running
        self._running = None
        server.should_exit = True
        server.force_exit = True
        thread.join()
        listener.close()


def change_key(path: Path, key: str | None) -> None:
    """From now on this key alone is known, or none."""
    entries = () if key is None else (entry_of(key, OWNER, UNLIMITED, ""),)
    change_keys(path, lambda held: entries)
