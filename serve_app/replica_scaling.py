"""How many replicas a pool should have, by the pages that it has before it: pure, the rule alone.

Up once more were wanted for ``up_s``, to the fewest wanted in that time, so that a moment's crowd starts no node; from
none at once. Down once fewer were wanted for ``down_s``, to the most wanted in that time, so that one lull does not end
what the next minute needs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScalingTerms:
    """least, most: replicas. pages: that one replica may have before it until another is wanted. Times in seconds."""

    least: int
    most: int
    pages: float
    up_s: float
    down_s: float

    def wanted(self, pages: float) -> int:
        """Replicas for so many pages, once they are there for good."""
        return max(self.least, min(self.most, math.ceil(pages / self.pages)))


class ReplicaScaler:
    def __init__(self, terms: ScalingTerms) -> None:
        self._terms = terms
        self._since: float | None = None
        self._up = False
        self._extreme = 0

    def forget(self) -> None:
        """How many pages wait is not known: patience begins anew."""
        self._since = None

    def decide(self, pages: float, target: int, now: float) -> int:
        """The replicas that there should be. target: that there should be so far. now: seconds, monotonic."""
        wanted = self._terms.wanted(pages)
        if wanted == target:
            self._since = None
            return target
        up = wanted > target
        if self._since is None or up is not self._up:
            self._since, self._up, self._extreme = now, up, wanted
        self._extreme = min(self._extreme, wanted) if up else max(self._extreme, wanted)
        patience = self._terms.up_s if up else self._terms.down_s
        if now - self._since < patience and not (up and target == 0):
            return target
        self._since = None
        return self._extreme
