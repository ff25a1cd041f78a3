"""Looks, before anything is started, whether the blob store can be used: a small blob is written, read and removed."""

from __future__ import annotations

from cluster import layout
from cluster.blobs.open import open_store
from cluster.errors import BlobError, BlobForbidden, BlobStoreMissing, StartupError
from cluster.ids import new_token


async def check_store(url: str) -> None:
    """StartupError says in one line what is wrong with the store, and what to do. Takes up to 20 s if none answers."""
    store = open_store(url)
    name = layout.probe(new_token())
    step = "written"
    try:
        generation = await store.create(name, b"")
        step = "read"
        await store.read(name)
        step = "deleted"
        await store.delete(name, generation)
    except BlobStoreMissing as error:
        raise StartupError(
            f"GNOSIS_STORE is {url!r}, but there is no such bucket: create it, or correct the name."
        ) from error
    except BlobForbidden as error:
        raise StartupError(
            f"GNOSIS_STORE is {url!r}, but blobs may not be {step} there: give this process the right to "
            f"(on a bucket the role Storage Object User). {error.detail}"
        ) from error
    except BlobError as error:
        raise StartupError(f"GNOSIS_STORE is {url!r}, but blobs can't be {step} there: {error.detail}") from error
    finally:
        await store.close()
