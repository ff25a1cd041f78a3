"""Free ports of the loopback address, from those that the system never deals out by itself.

One that it does deal out (from 32768 on) may be some client's before the server that it was chosen for listens.
"""

from __future__ import annotations

import secrets
import socket

PORTS = range(12_000, 20_000)
"""Below the blocks of ports that a cluster chooses for itself (cluster/front_door.py)."""


def free_port() -> int:
    """A port of the loopback address on which nothing listens."""
    choice = secrets.SystemRandom()
    for _ in range(len(PORTS)):
        port = choice.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError(f"No free ports between {PORTS.start} and {PORTS.stop}.")
