"""How often Python's garbage collector looks."""

from __future__ import annotations

import gc

from cluster.garbage import NEW_OBJECTS, collect_garbage_seldom


def test_many_suspended_requests_make_it_look_no_more() -> None:
    before = gc.get_threshold()
    try:
        collect_garbage_seldom()
        gc.collect()
        passes = gc.get_stats()[0]["collections"]
        suspended: list[list[object]] = [[[]] for _ in range(NEW_OBJECTS // 4)]
        assert gc.get_stats()[0]["collections"] == passes
        assert len(suspended) > before[0]
    finally:
        gc.set_threshold(*before)


def test_what_holds_itself_is_freed_all_the_same() -> None:
    before = gc.get_threshold()
    try:
        collect_garbage_seldom()
        passes = gc.get_stats()[0]["collections"]
        kept: list[list[object]] = [[] for _ in range(2 * NEW_OBJECTS)]
        assert gc.get_stats()[0]["collections"] > passes
        assert kept
    finally:
        gc.set_threshold(*before)
