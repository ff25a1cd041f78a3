"""Opens the blob store that a URL names."""

from __future__ import annotations

from cluster.blobs.local import LocalBlobStore
from cluster.blobs.memory import MemoryBlobStore
from cluster.blobs.port import BlobStore
from cluster.errors import StartupError


def open_store(url: str) -> BlobStore:
    """The store at ``file://PATH`` (made where it is missing) or a new, empty one for ``memory://``.

    Does a few milliseconds of file work where the store is local. StartupError: the URL names no store, or the store
    can't be used.
    """
    scheme, separator, rest = url.partition("://")
    if scheme == "file" and separator and rest:
        return LocalBlobStore(rest)
    if url == "memory://":
        return MemoryBlobStore()
    if scheme == "gs" and separator:
        raise StartupError(f"{url}: Cloud Storage is not available in this version; use file://PATH.")
    raise StartupError(f"{url!r} names no blob store; it must be file://PATH or memory://.")
