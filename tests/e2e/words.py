"""How much of a true text was read: words as a bag."""

from __future__ import annotations

import re
from collections import Counter


def recall(read: str, truth: str) -> float:
    """The share of the true text's words (letters and digits, case folded) that were read, each as often as it is."""
    wanted, found = _bag(truth), _bag(read)
    return sum((wanted & found).values()) / max(1, wanted.total())


def _bag(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))
