"""Checks of ports: free, or taken by a server of ours."""

from __future__ import annotations

import socket

import httpx

from cluster.loopback import is_loopback
from cluster.settings import Settings
from serve_app.doctor.finding import Finding, fault, ok
from serve_app.server_choice import usual_url

ANSWER_S = 3.0


def check_ports(settings: Settings) -> list[Finding]:
    """Of the API and of Ray's dashboard."""
    return [_api_port(settings), _dashboard_port(settings)]


def _api_port(settings: Settings) -> Finding:
    where = f"{settings.host}:{settings.port}"
    reason = why_taken(settings.host, settings.port)
    if reason is None:
        return ok("port of the API", f"{where} is free")
    answer = get_json(f"{usual_url(settings)}/healthz")
    if answer is not None and answer.get("status") == "ok":
        return ok("port of the API", f"{where} is that of a server that runs")
    return fault(
        "port of the API", f"{where} can't be used: {reason}", "Choose another: GNOSIS_PORT, and GNOSIS_HOST for where."
    )


def _dashboard_port(settings: Settings) -> Finding:
    where = f"127.0.0.1:{settings.dashboard_port}"
    reason = why_taken("127.0.0.1", settings.dashboard_port)
    if reason is None:
        return ok("port of the dashboard", f"{where} is free")
    answer = get_json(f"http://{where}/api/version")
    if answer is not None and "ray_version" in answer:
        return ok("port of the dashboard", f"{where} is that of a Ray cluster that runs")
    return fault("port of the dashboard", f"{where} can't be used: {reason}", "Choose another: GNOSIS_DASHBOARD_PORT.")


def why_taken(host: str, port: int) -> str | None:
    """Why nothing can listen there; None where it could."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error.strerror or str(error)
    return None


def get_json(url: str, headers: dict[str, str] | None = None) -> dict[str, object] | None:
    """The object that is answered, whatever the status; None where none is."""
    try:
        trusted = not is_loopback(httpx.URL(url).host)
        answer = httpx.get(url, headers=headers, timeout=ANSWER_S, trust_env=trusted)
        content = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None
    return content if isinstance(content, dict) else None
