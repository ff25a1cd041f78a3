"""A stream cut into parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.blobs.parts import parts_of
from tests.cluster.blobs.contract import pieces


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([], [(b"", True)]),
        ([b""], [(b"", True)]),
        ([b"ab"], [(b"ab", True)]),
        ([b"abc"], [(b"abc", True)]),
        ([b"abc", b"", b""], [(b"abc", True)]),
        ([b"abcd"], [(b"abc", False), (b"d", True)]),
        ([b"ab", b"cdef", b"g"], [(b"abc", False), (b"def", False), (b"g", True)]),
        ([b"abcdefghi"], [(b"abc", False), (b"def", False), (b"ghi", True)]),
    ],
)
async def test_parts(chunks: list[bytes], expected: list[tuple[bytes, bool]]) -> None:
    assert [part async for part in parts_of(pieces(*chunks), 3)] == expected


@given(chunks=st.lists(st.binary(max_size=20)), size=st.integers(1, 7))
async def test_nothing_is_lost_and_only_the_last_is_short(chunks: list[bytes], size: int) -> None:
    parts = [part async for part in parts_of(pieces(*chunks), size)]
    assert b"".join(part for part, _ in parts) == b"".join(chunks)
    assert [last for _, last in parts] == [False] * (len(parts) - 1) + [True]
    assert all(len(part) == size for part, _ in parts[:-1])
