"""Rendering processes that go wrong on order: a page's dpi says how. Each other order is carried out."""

from __future__ import annotations

import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

from actors.render.child import OpenDocuments, carry_out
from actors.render.child_start import READY
from actors.render.order import LayerOrder, OpenOrder, OutOfMemory, RenderOrder

HANG_AT_DPI = 101
CRASH_AT_DPI = 102
OUT_OF_MEMORY_AT_DPI = 103
OUT_OF_MEMORY_UNLESS_FRESH_AT_DPI = 104

HERE = "tests.actors.render.broken_children"


def break_on_order(connection: Connection, memory_mb: int) -> None:
    connection.send(READY)
    documents = OpenDocuments()
    served = 0
    while True:
        try:
            order = connection.recv()
        except EOFError:
            return
        dpi = order.dpi if isinstance(order, RenderOrder) else 0
        if dpi == HANG_AT_DPI:
            time.sleep(600)
        if dpi == CRASH_AT_DPI:
            os.kill(os.getpid(), signal.SIGSEGV)
        if dpi == OUT_OF_MEMORY_AT_DPI or (dpi == OUT_OF_MEMORY_UNLESS_FRESH_AT_DPI and served):
            connection.send(OutOfMemory())
        else:
            carry_out(order, documents, connection)
        served += 1


def crash_on_opening(connection: Connection, memory_mb: int) -> None:
    connection.send(READY)
    if isinstance(connection.recv(), OpenOrder):
        os.kill(os.getpid(), signal.SIGSEGV)


def hang_on_opening(connection: Connection, memory_mb: int) -> None:
    connection.send(READY)
    if isinstance(connection.recv(), OpenOrder):
        time.sleep(600)


def never_start(connection: Connection, memory_mb: int) -> None:
    """Ends before it says that it is ready."""


def crash_on_layers(connection: Connection, memory_mb: int) -> None:
    connection.send(READY)
    if isinstance(connection.recv(), LayerOrder):
        os.kill(os.getpid(), signal.SIGSEGV)


def write_layers_late(connection: Connection, memory_mb: int) -> None:
    """As a large document is: after a while the copy is there."""
    connection.send(READY)
    order = connection.recv()
    if isinstance(order, LayerOrder):
        time.sleep(0.5)
        Path(order.copy).write_bytes(b"late")
        connection.send(OutOfMemory())
        connection.recv()


def hang_on_layers(connection: Connection, memory_mb: int) -> None:
    connection.send(READY)
    if isinstance(connection.recv(), LayerOrder):
        time.sleep(600)
