"""What is looked at before anything is started: what would fail later, and less clearly."""

from __future__ import annotations

import asyncio

from cluster.blobs.probe import check_store
from cluster.errors import StartupError
from cluster.settings import Settings
from serve_app.engine_settings import engine_chains, engine_names, pool_shape
from serve_app.key_file import read_keys


def check_surroundings(settings: Settings) -> None:
    """The engines, the file of API keys and the blob store. StartupError says what stands in the way."""
    if settings.store == "memory://":
        raise StartupError("GNOSIS_STORE is 'memory://', which lives in one process: a cluster has several.")
    engine_chains(settings)
    for engine in engine_names(settings):
        pool_shape(engine, settings)
    if settings.api_keys_file is not None:
        read_keys(settings.api_keys_file)
    asyncio.run(check_store(settings.store))
