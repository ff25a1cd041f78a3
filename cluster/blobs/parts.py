"""A stream of chunks of any size, cut into parts of one size."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator


async def parts_of(chunks: AsyncIterator[bytes], size: int) -> AsyncGenerator[tuple[bytes, bool]]:
    """Parts of ``size`` bytes, each with whether it is the last, which is shorter or whole; an empty stream gives one
    empty part. Holds a part and a chunk in memory: that a part is the last shows only when nothing follows it.
    """
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        while len(held) > size:
            part = bytes(memoryview(held)[:size])
            del held[:size]
            yield part, False
    yield bytes(held), True
