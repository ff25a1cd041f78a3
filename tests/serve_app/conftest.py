"""Fixtures of the HTTP side."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.serve_app.builders import Server, server


@pytest.fixture
async def web() -> AsyncIterator[Server]:
    made = server(max_direct_upload_mb=1, upload_budget_mb=8)
    async with made.client:
        yield made
