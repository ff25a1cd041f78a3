"""``gnosis-ocr serve``: the cluster and its API on this machine, until it is interrupted."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cluster.errors import StartupError
from cluster.loopback import is_loopback
from cluster.settings import Settings, load_settings
from cluster.telemetry import start_logging
from serve_app.command_output import JsonOption, emphasised, print_json_line
from serve_app.exit_codes import faults_as_exit_codes
from serve_app.settings_flags import with_settings_flags

if TYPE_CHECKING:
    from serve_app.server import Server


@with_settings_flags
def serve(
    overrides: Mapping[str, Any],
    allow_open: Annotated[
        bool, typer.Option("--allow-open", help="Listen beyond this machine although no API keys are configured.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Starts the cluster and its API; Ctrl-C ends it.

    Every flag is an environment variable as well, named beside it; the flag wins.
    """
    with faults_as_exit_codes():
        settings = load_settings(**overrides)
        check_reach(settings, allow_open)
        start_logging()
        from serve_app.server import running_server, wait_for_signal

        def say(event: str, text: str, **told: object) -> None:
            if as_json:
                print_json_line({"event": event, **told})
            else:
                typer.echo(text)

        with _sigterm_interrupts():
            say("starting", "Starting…")
            with running_server(settings) as server:
                say("ready", announcement(server, settings), **_told(server, settings))
                wait_for_signal()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the drain is bounded in time
                say("draining", "Draining…")
        say("stopped", "Stopped.")


def _told(server: Server, settings: Settings) -> dict[str, object]:
    engines = list(settings.engine_names)
    return {"url": server.url, "dashboard": server.dashboard, "store": server.store, "engines": engines}


def check_reach(settings: Settings, allow_open: bool) -> None:
    """StartupError where anybody on the network could use the server without a key."""
    if settings.api_keys_file is None and not is_loopback(settings.host) and not allow_open:
        raise StartupError(
            f"GNOSIS_HOST is {settings.host!r}, but without GNOSIS_API_KEYS_FILE anybody who reaches that address may "
            "use the server: listen on 127.0.0.1, or allow it by --allow-open."
        )


def announcement(server: Server, settings: Settings) -> str:
    """What is running where, and how to try it."""
    lines = [("API", server.url), ("Store", server.store), ("Engines", settings.engines.replace(",", ", "))]
    if server.dashboard is not None:
        lines.insert(1, ("Dashboard", server.dashboard))
    facts = "\n".join(f"{emphasised(f'{name:<10}')} {text}" for name, text in lines)
    key = "" if settings.api_keys_file is None else '-H "Authorization: Bearer $GNOSIS_API_KEY" '
    curl = f"curl {key}-F file=@document.pdf '{server.url}/api/jobs?wait=60'"
    return f"{facts}\n\n  {curl}\n\nCtrl-C stops it; unfinished jobs go on at the next start."


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """SIGTERM during the start ends it as Ctrl-C does, so that what was started is stopped again."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
