"""A token bucket: so many requests a second on average, and so many at once. Pure: ``now`` is an argument."""

from __future__ import annotations


class TokenBucket:
    """rate: tokens a second. burst: most tokens that it holds, at least 1. now: seconds on whatever clock is asked."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: float) -> float:
        """Takes a token and answers 0; where there is none, seconds until there will be one, and nothing is taken."""
        self._tokens = min(self.burst, self._tokens + max(0.0, now - self._at) * self.rate)
        self._at = max(self._at, now)
        if self._tokens < 1:
            return (1 - self._tokens) / self.rate
        self._tokens -= 1
        return 0.0

    def full(self, now: float) -> bool:
        """Whether it is as it was when it was made, so that nothing is lost by forgetting it."""
        return self._tokens + max(0.0, now - self._at) * self.rate >= self.burst
