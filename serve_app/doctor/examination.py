"""The whole examination, check by check, so that each finding can be shown as soon as it is there."""

from __future__ import annotations

from collections.abc import Iterator

from cluster.errors import StartupError
from cluster.settings import Settings, load_settings
from serve_app.doctor.engines import check_engines, check_gpu
from serve_app.doctor.finding import Finding, fault, ok
from serve_app.doctor.listening import check_ports
from serve_app.doctor.machine import check_memory, check_python, check_shared_memory
from serve_app.doctor.running_server import check_server
from serve_app.doctor.storage import check_storage
from serve_app.key_file import read_keys
from serve_app.server_choice import api_key, usual_url


def examine(url: str | None) -> Iterator[Finding]:
    """url: of a server that somebody named; None: the one of these settings, which need not run."""
    yield check_python()
    yield check_memory()
    yield from check_shared_memory()
    try:
        settings = load_settings()
    except StartupError as error:
        yield fault("settings", error.detail, "Correct it; gnosis-ocr serve --help lists all settings.")
        if url is not None:
            yield from check_server(url, named=True, key=api_key())
        return
    yield ok("settings", "all can be read")
    yield from _of_settings(settings)
    yield from check_server(url or usual_url(settings), named=url is not None, key=api_key())


def _of_settings(settings: Settings) -> Iterator[Finding]:
    yield from check_ports(settings)
    yield from check_storage(settings.store)
    if settings.api_keys_file is not None:
        yield _keys(settings)
    yield check_gpu(settings)
    yield from check_engines(settings)


def _keys(settings: Settings) -> Finding:
    assert settings.api_keys_file is not None
    try:
        keys = read_keys(settings.api_keys_file)
    except StartupError as error:
        return fault("keys", error.detail, "Correct the file, or make another: gnosis-ocr keys add EMAIL.")
    users = len({key.user for key in keys})
    return ok("keys", f"{len(keys)} of {users} users in {settings.api_keys_file}")
