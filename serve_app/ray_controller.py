"""Run in Serve's controller as it starts: its loop asks GCS once a second what nodes there are, not at every turn.

Four turns of that loop stand between the loss of a replica and its successor's first call: it is missed, another one is
started, told its settings, and made known. So the loop is quick here (RAY_SERVE_CONTROL_LOOP_INTERVAL_S), and must be
cheap: three questions to GCS about nodes, which come and go in seconds or minutes, took most of a turn's time.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from cluster.clock import Clock, SystemClock

log = logging.getLogger(__name__)

EVERY_S = 1.0


def ask_for_nodes_seldom(clock: Clock = SystemClock()) -> None:  # noqa: B008  # it has no state
    """Where Serve is another than this was written for, its controller stays as it is."""
    try:
        from ray.serve._private.cluster_node_info_cache import ClusterNodeInfoCache

        ClusterNodeInfoCache.update = _seldom(ClusterNodeInfoCache.update, clock)
    except (ImportError, AttributeError):
        log.warning("Serve's controller has no list of nodes of its own; its loop costs more than it needs")


def _seldom(update: Callable[[Any], None], clock: Clock) -> Callable[[Any], None]:
    """update: of an object; what it raises counts as not done."""

    @functools.wraps(update)
    def seldom(asked: Any) -> None:
        now = clock.monotonic()
        if now - getattr(asked, "_updated_at", float("-inf")) < EVERY_S:
            return
        update(asked)
        asked._updated_at = now

    return seldom
