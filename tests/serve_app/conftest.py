"""Fixtures of the HTTP side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.serve_app.builders import Server, server
from tests.serve_app.scripted_host import ScriptedServer, scripted_server


@pytest.fixture
async def web() -> AsyncIterator[Server]:
    made = server(max_direct_upload_mb=1, upload_budget_mb=8)
    async with made.client:
        yield made


@pytest.fixture(name="server")
def _server() -> Iterator[ScriptedServer]:
    with scripted_server() as made:
        yield made
