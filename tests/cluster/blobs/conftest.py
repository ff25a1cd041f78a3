"""Stores on Cloud Storage's double. And the contract suite, no test module by name, has its assertions explained."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cluster.blobs.google import GoogleBlobStore
from cluster.blobs.google_address import GoogleAddress
from cluster.blobs.google_calls import Patience
from tests.cloud_storage.server import CloudServer

pytest.register_assert_rewrite("tests.cluster.blobs.contract", "tests.cluster.blobs.contract_listing")


@pytest.fixture
async def store(cloud_server: CloudServer) -> AsyncIterator[GoogleBlobStore]:
    """The whole bucket ``bucket`` of Cloud Storage's double."""
    store = GoogleBlobStore(GoogleAddress("bucket", ""))
    yield store
    await store.close()


@pytest.fixture
async def brisk(cloud_server: CloudServer) -> AsyncIterator[GoogleBlobStore]:
    """The same, but it waits 0.4 s for an answer and tries for as long as a busy machine may need."""
    store = GoogleBlobStore(GoogleAddress("bucket", ""), patience=Patience(connect_s=2.0, answer_s=0.4, budget_s=8.0))
    yield store
    await store.close()


@pytest.fixture
async def hasty(cloud_server: CloudServer) -> AsyncIterator[GoogleBlobStore]:
    """The same, but it waits 0.2 s for an answer and gives up after 0.6 s."""
    store = GoogleBlobStore(GoogleAddress("bucket", ""), patience=Patience(connect_s=0.2, answer_s=0.2, budget_s=0.6))
    yield store
    await store.close()
