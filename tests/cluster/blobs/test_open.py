"""Which store a URL opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.blobs.local import LocalBlobStore
from cluster.blobs.memory import MemoryBlobStore
from cluster.blobs.open import open_store
from cluster.errors import StartupError
from tests.cloud_storage.double import CloudDouble


async def test_a_folder_is_made(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}/new/data %41")
    assert isinstance(store, LocalBlobStore)
    await store.create("a", b"x")
    assert (tmp_path / "new/data %41/a").read_bytes() == b"x"
    await store.close()


async def test_memory() -> None:
    store = open_store("memory://")
    assert isinstance(store, MemoryBlobStore)
    await store.close()


async def test_cloud_storage(cloud: CloudDouble) -> None:
    store = open_store("gs://bucket/a/prefix")
    await store.create("b", b"x")
    assert cloud.buckets["bucket"].get("a/prefix/b", None, None).content.data == b"x"
    await store.close()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("gs:///prefix", "names no bucket"),
        ("file://", "names no blob store"),
        ("/data", "names no blob store"),
        ("s3://bucket", "names no blob store"),
        ("memory://x", "names no blob store"),
    ],
)
def test_other_urls_stop_the_start(url: str, reason: str) -> None:
    with pytest.raises(StartupError, match=f"GNOSIS_STORE is {url!r}, but .*{reason}"):
        open_store(url)
