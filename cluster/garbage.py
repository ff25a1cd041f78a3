"""Python's garbage collector in a process that has many small things under way at once.

By default it looks after every 700 new objects, which a few dozen suspended requests or pages are already: it then goes
through them all again and again and finds nothing, since what they leave is freed without it.
"""

from __future__ import annotations

import gc

NEW_OBJECTS = 10_000
YOUNG_PASSES, MIDDLE_PASSES = 2, 4
"""What has survived some passes is looked through about as often as by default, so that no garbage piles up there."""


def collect_garbage_seldom() -> None:
    """For processes that hold no large objects in cycles; not for those through which page images go."""
    gc.set_threshold(NEW_OBJECTS, YOUNG_PASSES, MIDDLE_PASSES)
