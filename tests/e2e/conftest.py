"""A cluster that reads slowly and a book for it, for modules that have none of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.books import small_book
from tests.e2e.live_cluster import LiveCluster, live_cluster

PAGES = 20
SLOW = {"engines": "null", "batch_size": "1", "null_delay_ms": "150", "heartbeat_seconds": "0.3"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCluster]:
    with live_cluster(tmp_path_factory.mktemp("store"), **SLOW) as running:
        yield running


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book(tmp_path_factory.mktemp("book"), PAGES)
