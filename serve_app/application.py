"""The application as a Serve config names it, ``import_path: serve_app.application:application``.

So it comes up on a cluster that others start: KubeRay, ``ray up``, ``serve deploy``. Its ``args`` are settings without
their prefix (``store: gs://bucket/prefix``); what they don't name comes from the environment of the cluster's
processes, where secrets belong. Where the API listens is Serve's to say (``http_options``), so it is refused here.
JobHosts need nobody to start them: the first replica of the Ingress does, and they find what is unfinished. The order
in which nodes come up does not matter.
"""

from __future__ import annotations

import logging
from typing import Any

from actors.ocr.engines import engine_spec
from cluster.errors import StartupError
from cluster.ray_cluster import check_store_is_shared, differing_switches
from cluster.settings import Settings, load_settings
from cluster.telemetry import start_logging
from serve_app.deploy import build
from serve_app.engine_settings import engine_names
from serve_app.preflight import check_surroundings

log = logging.getLogger(__name__)

ALLOW_OPEN = "allow_open"
NOT_HERE = {
    "host": "http_options",
    "port": "http_options",
    "proxy": "the environment in which Ray was started",
    "dashboard_port": "the options with which Ray was started",
}
"""Settings of ``gnosis-ocr serve`` that have no meaning on a cluster that others start, and what decides instead."""


def application(args: dict[str, Any]) -> Any:
    """The Serve application. StartupError, which Serve shows as the application's message, where it can't be.

    args: settings, and ``allow_open: true`` to serve whoever comes without API keys.
    """
    start_logging()
    settings = settings_of(args)
    check_surroundings(settings)
    check_store_is_shared(settings)
    for switch in differing_switches():
        log.warning("deploy: the cluster was started with %s", switch)
    return build(settings)


def settings_of(args: dict[str, Any]) -> Settings:
    """StartupError: one is unknown, bad or decided elsewhere, or the server would be open to everybody."""
    texts = {name: _text(name, value) for name, value in args.items()}
    allow_open = texts.pop(ALLOW_OPEN, "false")
    for name in texts:
        if name in NOT_HERE:
            raise StartupError(f"The args set {name!r}, which {NOT_HERE[name]} decides here.")
        if name not in Settings.model_fields:
            raise StartupError(f"The args set {name!r}, which is no setting.")
    if allow_open not in ("true", "false"):
        raise StartupError(f"The args set {ALLOW_OPEN!r} to {allow_open!r}: it must be true or false.")
    settings = load_settings(**texts)
    if settings.api_keys_file is None and allow_open == "false":
        raise StartupError(
            "Without GNOSIS_API_KEYS_FILE anybody who reaches the API may use it: name a file, or allow it by "
            f"'{ALLOW_OPEN}: true' in the args."
        )
    _check_gpus(settings)
    return settings


def _text(name: str, value: object) -> str:
    """As it would stand in the environment, so that it is checked in the same way. StartupError."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise StartupError(f"The args set {name!r} to {value!r}: it must be a text, a number, or true or false.")


def _check_gpus(settings: Settings) -> None:
    """A cluster that grows by need may have no GPU node now, so nobody could tell what is meant."""
    wanting = [engine for engine in engine_names(settings) if engine_spec(engine).gpu]
    if wanting and settings.ocr_gpus is None:
        raise StartupError(
            f"GNOSIS_OCR_GPUS is unset: say how many GPUs a replica of {wanting[0]!r} takes, 0 for none."
        )
