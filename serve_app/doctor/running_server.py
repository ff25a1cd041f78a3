"""Checks of a server that runs: it is ready, and it takes this environment's API key."""

from __future__ import annotations

import httpx

from cluster.loopback import is_loopback
from serve_app.doctor.finding import Finding, fault, ok, warning

ANSWER_S = 10.0
"""A server that looks at store and hosts before it answers."""


def check_server(
    url: str, *, named: bool, key: str | None, transport: httpx.BaseTransport | None = None
) -> list[Finding]:
    """url: where it would be. named: whether somebody said so; else it need not run."""
    trusted = not is_loopback(httpx.URL(url).host)
    with httpx.Client(base_url=url, timeout=ANSWER_S, trust_env=trusted, transport=transport) as http:
        try:
            answer = http.get("/readyz")
        except httpx.HTTPError as error:
            return [_silent(url, named, error)]
        findings = [_readiness(url, answer)]
        if findings[0].found.endswith(_NOT_OURS):
            return findings
        try:
            info = http.get("/api/info", headers={"Authorization": f"Bearer {key}"} if key else {})
        except httpx.HTTPError:
            return findings
        return [*findings, *_key(info, key)]


_NOT_OURS = "is no server of gnosis-ocr"


def _silent(url: str, named: bool, error: httpx.HTTPError) -> Finding:
    if named:
        return fault(
            "server", f"{url} does not answer: {str(error) or type(error).__name__}", "Start it, or correct GNOSIS_URL."
        )
    return ok("server", f"none runs at {url}")


def _readiness(url: str, answer: httpx.Response) -> Finding:
    try:
        content = answer.json()
        missing = [str(line) for line in content["missing"]]
        version = str(content["version"])
    except (ValueError, KeyError, TypeError):
        return fault("server", f"{url} {_NOT_OURS}", "Correct GNOSIS_URL, or GNOSIS_HOST and GNOSIS_PORT.")
    if missing:
        mend = "Wait where it has just started; else look into its log, and at the store and engines below."
        return fault("server", f"{url} is not ready: {'; '.join(missing)}", mend)
    return ok("server", f"{url} is ready, version {version}")


def _key(answer: httpx.Response, key: str | None) -> list[Finding]:
    if answer.status_code == 401:
        said = "does not know the key of GNOSIS_API_KEY" if key else "wants an API key, and GNOSIS_API_KEY is not set"
        return [fault("api key", f"the server {said}", "Have one made: gnosis-ocr keys add EMAIL; set GNOSIS_API_KEY.")]
    if answer.status_code != 200:
        return [warning("api key", f"the server answered {answer.status_code}", "Look into its log.")]
    return [ok("api key", "the server takes it" if key else "none is needed")]
