"""Calls through a Serve handle that are one message there and one back.

Serve lets a replica refuse a call that is one too many for it. Each call is a stream for that, of the word that it was
taken and of its answer, which costs both sides twice the processor time. Our hosts bound what is in flight themselves,
and a replica that is being replaced finishes what still reaches it: Serve tells its callers of the change half a second
before it looks for the first time whether the replica is done (graceful_shutdown_wait_loop_s in deploy.py).

Serve has a switch for this that only its own Ray Client mode turns. It is turned here after a handle's first answer,
since what the router makes at its start looks at it, too.
"""

from __future__ import annotations

import logging
from typing import Any

log = logging.getLogger(__name__)


def call_plainly(handle: Any) -> None:
    """Where Serve is another than this was written for, its calls stay as they are."""
    router = getattr(getattr(handle, "_router", None), "_asyncio_router", None)
    if router is None or not hasattr(router, "_enable_strict_max_ongoing_requests"):
        log.warning("Serve's router has no switch for plain calls; they cost more than they need")
        return
    router._enable_strict_max_ongoing_requests = False
