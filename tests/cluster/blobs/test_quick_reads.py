"""Which blobs are read without a thread, and when none is."""

from __future__ import annotations

import pytest

from cluster.blobs.port import Blob
from cluster.blobs.quick_reads import HOT_S, MOST_BLOBS, MOST_BYTES, REST_S, SLOW_S, QuickReads
from cluster.clock import SystemClock

SMALL = Blob(b"small", 1)


class Folder(SystemClock):
    """A folder with a clock of its own: a read takes ``takes_s``."""

    def __init__(self) -> None:
        self.time = 0.0
        self.takes_s = 0.0
        self.blobs = {b"a": SMALL}

    def monotonic(self) -> float:
        return self.time

    def read(self, name: bytes) -> Blob:
        self.time += self.takes_s
        if name not in self.blobs:
            raise FileNotFoundError
        return self.blobs[name]


@pytest.fixture
def folder() -> Folder:
    return Folder()


@pytest.fixture
def reads(folder: Folder) -> QuickReads:
    return QuickReads(folder.read, folder)


def test_what_was_read_a_moment_ago_is_read_as_it_is_now(folder: Folder, reads: QuickReads) -> None:
    assert reads.read(b"a") is None
    reads.note(b"a", SMALL)
    folder.blobs[b"a"] = Blob(b"newer", 2)
    for _ in range(3):
        folder.time += HOT_S
        assert reads.read(b"a") == Blob(b"newer", 2)
    folder.time += HOT_S * 1.01
    assert reads.read(b"a") is None


def test_one_that_is_gone_is_told(folder: Folder, reads: QuickReads) -> None:
    reads.note(b"a", SMALL)
    del folder.blobs[b"a"]
    with pytest.raises(FileNotFoundError):
        reads.read(b"a")


def test_after_a_slow_read_threads_read_for_a_while(folder: Folder, reads: QuickReads) -> None:
    reads.note(b"a", SMALL)
    folder.takes_s = SLOW_S * 1.01
    assert reads.read(b"a") == SMALL
    reads.note(b"a", SMALL)
    assert reads.read(b"a") is None
    folder.time += REST_S
    reads.note(b"a", SMALL)
    assert reads.read(b"a") == SMALL


def test_large_blobs_are_for_threads(reads: QuickReads) -> None:
    reads.note(b"a", SMALL)
    reads.note(b"a", Blob(bytes(MOST_BYTES + 1), 2))
    assert reads.read(b"a") is None


def test_so_many_are_remembered_those_read_longest_ago_go(reads: QuickReads, folder: Folder) -> None:
    names = [b"%d" % number for number in range(MOST_BLOBS + 1)]
    folder.blobs = dict.fromkeys(names, SMALL)
    for name in names[:-1]:
        reads.note(name, SMALL)
    reads.note(names[0], SMALL)
    reads.note(names[-1], SMALL)
    assert [name for name in names if reads.read(name) is None] == [names[1]]
