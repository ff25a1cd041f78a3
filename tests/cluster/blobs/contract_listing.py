"""The part of the blob store's contract that is about listing."""

from __future__ import annotations

import pytest

from cluster.blobs.port import BlobStore

JOB = "users/0123/jobs/j1/"


async def names(store: BlobStore, prefix: str, start: str = "", limit: int = 1000) -> list[str]:
    return [info.name for info in await store.list(prefix, start, limit)]


class ListingContract:
    async def test_a_list_says_generation_and_size(self, store: BlobStore) -> None:
        generation = await store.create(JOB + "a", b"12345")
        (info,) = await store.list(JOB)
        assert (info.name, info.generation, info.size) == (JOB + "a", generation, 5)

    async def test_names_come_in_the_order_of_whole_names(self, store: BlobStore) -> None:
        tree = [
            "a-b",
            "a.b",
            "a/b",
            "a/b-c",
            "a/b.c/d",
            "a/c/d",
            "a/c-d",
            "a0",
            "ab",
            "a b",
            "Z",
            "é",
            "z/é",
            "z/z",
            "🙂",
        ]
        for name in tree:
            await store.put(name, b"")
        assert await names(store, "") == sorted(tree)

    async def test_prefixes(self, store: BlobStore) -> None:
        for name in ("a/b/c", "a/b-c", "a/bc", "ab/c", "b", "a/b/d/e"):
            await store.put(name, b"")
        assert await names(store, "a") == ["a/b-c", "a/b/c", "a/b/d/e", "a/bc", "ab/c"]
        assert await names(store, "a/") == ["a/b-c", "a/b/c", "a/b/d/e", "a/bc"]
        assert await names(store, "a/b") == ["a/b-c", "a/b/c", "a/b/d/e", "a/bc"]
        assert await names(store, "a/b/") == ["a/b/c", "a/b/d/e"]
        assert await names(store, "a/b/d/e") == ["a/b/d/e"]
        assert await names(store, "b") == ["b"]
        for nothing in ("b/", "b/c/", "x", "a/b/c/d", "a/x/y/z", "c/"):
            assert await names(store, nothing) == []

    async def test_pages_of_a_list(self, store: BlobStore) -> None:
        tree = sorted(f"{a}{slash}{b}" for a in "xyz" for slash in "-/0" for b in ("1", "1-", "2"))
        for name in [*tree, "w", "zz"]:
            await store.put(name, b"")
        for limit in (1, 2, 5, len(tree) + 2):
            got: list[str] = []
            start = "x"
            while page := await names(store, "", start, limit):
                assert len(page) <= limit
                got += page
                start = page[-1] + "\0"
            assert got == [*tree, "zz"]
        assert await names(store, "y", "y/1", 2) == ["y/1", "y/1-"]
        assert await names(store, "y/", "a") == ["y/1", "y/1-", "y/2"]
        assert await names(store, "y/", "z") == []
        assert await names(store, "", "y/1-\0", 1) == ["y/2"]

    async def test_bad_arguments_of_a_list(self, store: BlobStore) -> None:
        for prefix in ("/", "/a", "../", "a/../b", "a//", ".store/", ".", "a\0", "a/./b"):
            with pytest.raises(ValueError, match="blob"):
                await store.list(prefix)
        with pytest.raises(ValueError, match="limit"):
            await store.list("", limit=0)
