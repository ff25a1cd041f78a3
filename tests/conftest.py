"""Fixtures of all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_samples() -> Path:
    """The folder of real sample documents that lies beside the repository where there is one."""
    folder = REPOSITORY.parent / "shared" / "samples"
    if not folder.is_dir():
        pytest.skip("the folder of real sample documents (../shared/samples) is absent")
    return folder


@pytest.fixture(scope="session")
def own_samples() -> Path:
    """The project's own samples."""
    return REPOSITORY / "samples"
