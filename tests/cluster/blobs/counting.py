"""A process of its own that works on a local store's blob: ``python -m tests.cluster.blobs.counting ROOT WHAT N``.

``count``: N times reads a counter and replaces it by one more at the generation read. ``scribble``: creates, replaces
and deletes for ever (until it is killed).
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count

from cluster.blobs.local import LocalBlobStore
from cluster.errors import BlobConflict


async def increment(store: LocalBlobStore, times: int) -> None:
    done = 0
    while done < times:
        blob = await store.read("counter")
        try:
            await store.replace("counter", b"%d" % (int(blob.data) + 1), blob.generation, durable=False)
        except BlobConflict:
            continue
        done += 1


async def scribble(store: LocalBlobStore, size: int) -> None:
    async def one(name: str) -> None:
        for turn in count():
            await store.put(name, b"%08d" % turn * size, durable=turn % 2 == 0)
            if turn % 7 == 6:
                await store.delete(name)

    await asyncio.gather(*(one(f"scribbled/{number}") for number in range(8)))


async def main(root: str, what: str, number: int) -> None:
    store = LocalBlobStore(root)
    print("started", flush=True)
    await (increment if what == "count" else scribble)(store, number)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
