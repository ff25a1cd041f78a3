"""Opens the blob store that a URL names."""

from __future__ import annotations

from cluster.blobs.local import LocalBlobStore
from cluster.blobs.memory import MemoryBlobStore
from cluster.blobs.port import BlobStore
from cluster.errors import StartupError


def open_store(url: str) -> BlobStore:
    """The store at ``file://PATH`` (made where it is missing) or ``gs://BUCKET/PREFIX``, or for ``memory://`` a new,
    empty one.

    Does a few milliseconds of file work where the store is local, and looks for credentials where it is not, which may
    take seconds. StartupError: the URL names no store, or the store can't be used.
    """
    try:
        return _open(url)
    except StartupError as error:
        raise StartupError(f"GNOSIS_STORE is {url!r}, but {error.detail}") from error


def open_bucket(bucket: str) -> BlobStore:
    """All of a bucket of Cloud Storage, which need not be ours; may take seconds. StartupError: no credentials."""
    from cluster.blobs.google import GoogleBlobStore
    from cluster.blobs.google_address import GoogleAddress

    return GoogleBlobStore(GoogleAddress(bucket, ""))


def _open(url: str) -> BlobStore:
    scheme, separator, rest = url.partition("://")
    if scheme == "file" and separator and rest:
        return LocalBlobStore(rest)
    if url == "memory://":
        return MemoryBlobStore()
    if scheme == "gs" and separator:
        # Imported only where it is used: the library takes half a second and tens of megabytes.
        from cluster.blobs.google import GoogleBlobStore
        from cluster.blobs.google_address import parse_address

        return GoogleBlobStore(parse_address(url))
    raise StartupError("that names no blob store: it must be file://PATH, gs://BUCKET/PREFIX or memory://.")
