"""Layout processes that go wrong on order: a page's text says how. Each other page is answered without a model."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from multiprocessing.connection import Connection

from actors.render.child_start import READY
from actors.render.order import ArrangeOrder, OutOfMemory
from actors.render.pixel_passing import receive_pixels
from cluster.errors import LayoutFailed

HERE = "tests.actors.render.broken_layout_children"


def break_on_order(connection: Connection, memory_mb: int) -> None:
    """What it answers tells the process, and where the page's pixels came from."""
    connection.send(READY)
    while True:
        try:
            order: ArrangeOrder = connection.recv()
        except EOFError:
            return
        pixels = receive_pixels(connection, order.height, order.width) if order.png is None else None
        match order.read.text:
            case "hang":
                time.sleep(600)
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "out of memory":
                connection.send(OutOfMemory())
            case "fail":
                connection.send(LayoutFailed("the layout model failed (ValueError)"))
            case "garbage":
                connection.send({"blocks": "none"})
            case "slow":
                time.sleep(0.3)
                connection.send(replace(order.read, layout=str(os.getpid())))
            case _:
                source = "stored image" if pixels is None else f"pixels of {int(pixels[0, 0, 0])}"
                connection.send(replace(order.read, layout=str(os.getpid()), reason=source))


def never_start(connection: Connection, memory_mb: int) -> None:
    """Ends before it says that it is ready."""
