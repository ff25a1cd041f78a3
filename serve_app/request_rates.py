"""Requests a second of each API key, limited in each Ingress replica to its share: the limit ÷ the replicas.

Without a word between replicas, so nothing stands in a request's way; a proxy that spreads requests unevenly makes the
limit a little lower than it says.
"""

from __future__ import annotations

import math

from cluster.clock import Clock
from cluster.errors import RateLimited
from serve_app.identity import Identity
from serve_app.token_bucket import TokenBucket

FORGET_AT = 1000


class RequestRates:
    """replicas: how many there are of the Ingress."""

    def __init__(self, clock: Clock, replicas: int) -> None:
        self._clock = clock
        self._replicas = replicas
        self._buckets: dict[str, TokenBucket] = {}

    def admit(self, caller: Identity) -> None:
        """RateLimited where the key's share of the second is used up. A second's share may come at once."""
        limit = caller.limits.requests_a_second
        if limit is None:
            return
        now = self._clock.monotonic()
        wait = self._bucket(caller.key_id, limit / self._replicas, now).take(now)
        if wait > 0:
            detail = f"This API key may make {limit:g} requests a second; wait a moment."
            raise RateLimited(detail, retry_after_s=math.ceil(wait))

    def _bucket(self, key_id: str, rate: float, now: float) -> TokenBucket:
        held = self._buckets.get(key_id)
        if held is None or held.rate != rate:  # the key's limit was changed
            if len(self._buckets) >= FORGET_AT:
                self._buckets = {name: each for name, each in self._buckets.items() if not each.full(now)}
            held = self._buckets[key_id] = TokenBucket(rate, max(1.0, rate), now)
        return held
