"""References kept alive."""

from __future__ import annotations

import gc
import weakref

from actors.render.kept_references import KeptReferences


class Reference:
    pass


def test_the_last_few_stay_alive() -> None:
    kept = KeptReferences(3, 1000)
    watched: list[weakref.ref[Reference]] = []
    for _ in range(5):
        reference = Reference()
        watched.append(weakref.ref(reference))
        kept.keep(reference, 10)
        del reference
    gc.collect()
    assert [watch() is not None for watch in watched] == [False, False, True, True, True]


def test_bytes_are_bounded_but_for_the_newest() -> None:
    kept = KeptReferences(64, 100)
    for size in (40, 40, 40):
        kept.keep(object(), size)
    assert len(kept) == 2
    kept.keep(object(), 500)
    assert len(kept) == 1
    kept.keep(object(), 10)
    assert len(kept) == 1
    kept.keep(object(), 10)
    assert len(kept) == 2


def test_clear_lets_all_go() -> None:
    kept = KeptReferences(64, 100)
    kept.keep(object(), 90)
    kept.clear()
    assert len(kept) == 0
    kept.keep(object(), 50)
    kept.keep(object(), 50)
    assert len(kept) == 2
