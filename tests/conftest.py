"""Fixtures of all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.audit_lines import audit_lines
from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.server import CloudServer, running_double


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that raise signals run before all others: in a process in which the OCR runtimes have left their threads, a
    signal now and then ends it with a segmentation fault."""
    items.sort(key=lambda item: item.get_closest_marker("signals") is None)


REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture
def cloud_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudServer]:
    """Cloud Storage's double, on a socket; the library's clients in this process go there. Nothing is throttled."""
    with running_double(CloudDouble(enforce_limit=False)) as server:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield server


@pytest.fixture
def cloud(cloud_server: CloudServer) -> CloudDouble:
    return cloud_server.cloud


@pytest.fixture(scope="session")
def real_samples() -> Path:
    """The folder of real sample documents that lies beside the repository where there is one."""
    folder = REPOSITORY.parent / "shared" / "samples"
    if not folder.is_dir():
        pytest.skip("the folder of real sample documents (../shared/samples) is absent")
    return folder


@pytest.fixture
def audit_log() -> Iterator[list[dict[str, Any]]]:
    """The audit log's lines of this test, oldest first."""
    with audit_lines() as lines:
        yield lines


@pytest.fixture(scope="session")
def own_samples() -> Path:
    """The project's own samples."""
    return REPOSITORY / "samples"
