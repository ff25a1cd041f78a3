"""Which server a command talks to: the one that was named, the one of this machine's settings, or one of its own."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Annotated

import typer

from cluster.errors import StartupError
from cluster.settings import Settings, load_settings

WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def _checked_url(value: str | None) -> str | None:
    if value is None:
        return None
    from gnosis_ocr.connection import checked_url
    from gnosis_ocr.errors import AddressInvalid

    try:
        return checked_url(value)
    except AddressInvalid as error:
        raise typer.BadParameter(error.detail) from None


UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        envvar="GNOSIS_URL",
        callback=_checked_url,
        help="The server's address; default: the one that `serve` has with these settings, http://127.0.0.1:8000.",
    ),
]


def usual_url(settings: Settings) -> str:
    """Where ``gnosis-ocr serve`` with these settings is reached from this machine."""
    host = WILDCARDS.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def api_key() -> str | None:
    """The key that this environment's requests carry, GNOSIS_API_KEY."""
    return os.environ.get("GNOSIS_API_KEY", "").strip() or None


def named_or_usual(url: str | None) -> str:
    return url or usual_url(load_settings())


@contextmanager
def answering_server(url: str | None, notice: Callable[[str], None]) -> Iterator[str]:
    """The address of a server: ``url``, which whoever asks it finds to answer or not; else the usual one where it
    answers, else that of one that runs for the block's time.

    StartupError. While a server of our own runs, stdout is stderr: nothing that Ray may print
    mixes with the document's text.
    """
    chosen = named_or_usual(url)
    if url is not None or answers(chosen):
        yield chosen
        return
    if os.environ.get("RAY_ADDRESS"):
        raise StartupError(
            f"{chosen} does not answer, and RAY_ADDRESS is set: a server for the time being would take the place "
            "of what runs on that cluster. Name its API by --url, or start it by `gnosis-ocr serve`."
        )
    from serve_app.server import running_server

    notice(f"no server answers at {chosen}; starting one for the time being")
    settings = load_settings(host="127.0.0.1", port=_free_port(), api_keys_file=None)
    with redirect_stdout(sys.stderr), running_server(settings, dashboard=False) as server:
        yield server.url


def answers(url: str) -> bool:
    """Whether a server answers there at all."""
    from gnosis_ocr import Client

    with Client(url, api_key="") as client:
        return client.alive()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
