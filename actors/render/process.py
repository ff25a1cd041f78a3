"""A child process, seen from the Renderer: started, asked, killed and replaced.

It draws pages (child.py) or arranges their lines (layout_child.py). It is a fresh interpreter, as multiprocessing's
spawn would start, but without running ``__main__`` again: in a Ray worker that would import Ray for nothing (a second
and 60 MB). Orders, passwords with them, travel through its pipe and stand on no command line.

All methods but ``kill`` and ``close`` are called from one thread that lives as long as the process may: Linux kills
the child when the *thread* that started it ends.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection

from actors.job.ports import ReplicaLost
from actors.ocr.engine import Pixels
from actors.render.order import Answer, LayoutOrder, Order, OutOfMemory, PageDrawn
from actors.render.pixel_passing import receive_pixels, send_pixels, store_pixels
from cluster.errors import RenderCrashed, RenderTimeout

logger = logging.getLogger(__name__)

SERVE = "actors.render.child:serve"
"""By name, so that MuPDF is not loaded on this side."""

_START_TIMEOUT_S = 60.0
_BOOT = "import sys; sys.modules['pymupdf.layout'] = None; from actors.render.child_start import main; main()"
"""PyMuPDF loads its layout model where it finds one: half a second and 56 MB for what rendering does not use, and where
it is used (layout_model.py) the number of its threads is to be said first."""


@dataclass(slots=True)
class Reply:
    """pixels, png: there where ``answer`` is PageDrawn."""

    answer: Answer
    pixels: Pixels | None = None
    png: bytes = b""


class RenderProcess:
    """memory_mb: what the process may allocate above its start. target: what runs in it, MODULE:FUNCTION."""

    def __init__(self, *, memory_mb: int, target: str = SERVE) -> None:
        self._memory_mb = memory_mb
        self._target = target
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._answered = 0
        self._closed = False

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Returns once the process takes orders; does nothing if it does already. ReplicaLost where it can't start."""
        if self._process is not None and self._process.poll() is None:
            return
        self.end()
        if self._closed:
            raise ReplicaLost("The Renderer is closed.")
        try:
            self._launch()
            if self._closed:  # since we looked: what we launched was not there to be killed
                self.kill()
            with _Deadline(self, _START_TIMEOUT_S):
                self._receive()
        except (OSError, RenderCrashed, RenderTimeout) as error:
            raise ReplicaLost("The child process can't be started.") from error

    def _launch(self) -> None:
        ours, theirs = socket.socketpair()
        self._connection = Connection(ours.detach())
        with theirs:
            arguments = (str(theirs.fileno()), str(os.getpid()), str(self._memory_mb), self._target)
            self._process = subprocess.Popen(
                (sys.executable, "-P", "-c", _BOOT, *arguments),
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=_environment(),
            )
        self._answered = 0

    def call(self, order: Order | LayoutOrder, timeout_s: float, pixels: Pixels | None = None) -> Reply:
        """The answer to ``order``. RenderTimeout, RenderCrashed: the process is gone, the next call starts another.
        ReplicaLost where none can be started.

        pixels: what follows the order, a uint8 array (height, width, 3). MemoryError where it can't be passed on.

        An order that found no memory in a process that had answered others before is tried once more in a fresh one,
        and a process that ran out of memory is not used again.
        """
        while True:
            self.start()
            fresh = self._answered == 0
            with _Deadline(self, timeout_s):
                reply = self._ask(order, pixels)
            self._answered += 1
            if not isinstance(reply.answer, OutOfMemory):
                return reply
            self.end()
            if fresh:
                return reply

    def _ask(self, order: Order | LayoutOrder, pixels: Pixels | None) -> Reply:
        assert self._connection is not None
        stored = None if pixels is None else store_pixels(pixels)
        try:
            self._connection.send(order)
            if stored is not None:
                send_pixels(self._connection, stored)
        except OSError as error:
            raise RenderCrashed from error
        return self._receive()

    def _receive(self) -> Reply:
        assert self._connection is not None
        try:
            reply = Reply(self._connection.recv())
            if isinstance(reply.answer, PageDrawn):
                reply.pixels = receive_pixels(self._connection, reply.answer.height, reply.answer.width)
                reply.png = self._connection.recv_bytes()
        except (EOFError, OSError, RuntimeError) as error:
            raise RenderCrashed from error
        return reply

    def kill(self) -> None:
        """From any thread; whoever waits for an answer gets RenderCrashed."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """From any thread: kills the process, and none is started any more. ``end`` then frees the rest."""
        self._closed = True
        self.kill()

    def end(self) -> None:
        """Kills the process, if there is one, and frees what belonged to it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.kill()
            status = self._process.wait()
            logger.debug("The child process %d ended with %d.", self._process.pid, status)
            self._process = None


class _Deadline:
    """Kills the process when time is up, whatever it was about, and turns what follows from it into RenderTimeout."""

    def __init__(self, process: RenderProcess, seconds: float) -> None:
        self._process = process
        self._seconds = seconds
        self._expired = False
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._timer.cancel()
        self._timer.join()
        if self._expired:
            self._process.end()
            raise RenderTimeout(f"Rendering took longer than {self._seconds:g} s.") from error
        if error is not None:
            self._process.end()

    def _expire(self) -> None:
        self._expired = True
        self._process.kill()


def _environment() -> dict[str, str]:
    """Ours, with the modules that we see, and without helper threads that nobody would use."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}
