"""A Starlette app served over a socket of this machine, for tests whose client must be a real one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp


@contextmanager
def served(app: Starlette | ASGIApp) -> Iterator[str]:
    """Runs it in a thread of its own for the block's time; its URL."""
    config = uvicorn.Config(app, log_config=None, ws="none", lifespan="off", loop="asyncio", http="h11")
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            server.force_exit = True
            thread.join()
