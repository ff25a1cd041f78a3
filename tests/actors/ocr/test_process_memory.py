from __future__ import annotations

import ctypes

import pytest

from actors.ocr.process_memory import M_MMAP_MAX, M_TRIM_THRESHOLD, MOST, keep_freed_memory


class Library:
    def __init__(self, answer: int) -> None:
        self.calls: list[tuple[int, int]] = []
        self._answer = answer

    def mallopt(self, switch: int, value: int) -> int:
        self.calls.append((switch, value))
        return self._answer


def test_both_switches_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(1)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    assert keep_freed_memory()
    assert library.calls == [(M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, MOST)]


def test_where_there_is_no_such_switch_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert not keep_freed_memory()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library(0))
    assert not keep_freed_memory()
