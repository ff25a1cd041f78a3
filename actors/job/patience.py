"""Patience with the blob store: a question is asked again until there is an answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from actors.job.ledger import BACKOFF_S
from cluster.clock import Clock
from cluster.errors import BlobConflict, BlobCorrupt, BlobError, BlobNotFound

log = logging.getLogger(__name__)

T = TypeVar("T")


async def patiently(clock: Clock, ask: Callable[[], Awaitable[T]]) -> T:
    """What ``ask`` returns, however long the store is away. BlobNotFound, BlobConflict and BlobCorrupt are answers."""
    attempt = 0
    while True:
        try:
            return await ask()
        except (BlobNotFound, BlobConflict, BlobCorrupt):
            raise
        except BlobError as error:
            log.info("the blob store is asked again: %s", error.detail)
        await clock.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
        attempt += 1
