"""Checks of a server that runs: it is ready, and it takes this environment's API key."""

from __future__ import annotations

import httpx

from gnosis_ocr.connection import connection
from gnosis_ocr.errors import AddressInvalid, Unauthorized
from serve_app.doctor.finding import Finding, fault, ok, warning

ANSWER_S = 10.0
"""A server that looks at store and hosts before it answers."""

KEY_MEND = "Have one made: gnosis-ocr keys add EMAIL; set GNOSIS_API_KEY."


def check_server(
    url: str, *, named: bool, key: str | None, transport: httpx.BaseTransport | None = None
) -> list[Finding]:
    """url: where it would be. named: whether somebody said so; else it need not run."""
    try:
        made = connection(url, "", ANSWER_S)
    except AddressInvalid as error:
        return [fault("server", error.detail, "Correct GNOSIS_URL, or GNOSIS_HOST and GNOSIS_PORT.")]
    with httpx.Client(**made.arguments, transport=transport) as http:
        try:
            readiness = _readiness(url, http.get("/readyz"))
        except httpx.HTTPError as error:
            return [_silent(url, named, error)]
        if readiness is None:  # nobody to be told the key
            mend = "Correct GNOSIS_URL, or GNOSIS_HOST and GNOSIS_PORT."
            return [fault("server", f"{url} is no server of gnosis-ocr", mend)]
        try:
            headers = connection(url, key or "", ANSWER_S).arguments["headers"]
            return [readiness, _key(http.get("/api/info", headers=headers), key)]
        except Unauthorized:
            return [readiness, fault("api key", "GNOSIS_API_KEY has characters that no key has", KEY_MEND)]
        except httpx.HTTPError:
            return [readiness]


def _silent(url: str, named: bool, error: httpx.HTTPError) -> Finding:
    if named:
        return fault(
            "server", f"{url} does not answer: {str(error) or type(error).__name__}", "Start it, or correct GNOSIS_URL."
        )
    return ok("server", f"none runs at {url}")


def _readiness(url: str, answer: httpx.Response) -> Finding | None:
    """None: it is no server of ours."""
    try:
        content = answer.json()
        missing = [str(line) for line in content["missing"]]
        version = str(content["version"])
    except (ValueError, KeyError, TypeError):
        return None
    if missing:
        mend = "Wait where it has just started; else look into its log, and at the store and engines above."
        return fault("server", f"{url} is not ready: {'; '.join(missing)}", mend)
    return ok("server", f"{url} is ready, version {version}")


def _key(answer: httpx.Response, key: str | None) -> Finding:
    if answer.status_code == 401:
        said = "does not know the key of GNOSIS_API_KEY" if key else "wants an API key, and GNOSIS_API_KEY is not set"
        return fault("api key", f"the server {said}", KEY_MEND)
    if answer.status_code != 200:
        return warning("api key", f"the server answered {answer.status_code}", "Look into its log.")
    return ok("api key", "the server takes it" if key else "none is needed")
