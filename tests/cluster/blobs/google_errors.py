"""Errors as the library raises them."""

from __future__ import annotations

import json

import requests
from google.api_core.exceptions import GoogleAPICallError, from_http_response
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError


def response(status: int, message: str | None = None, body: bytes = b"") -> requests.Response:
    """message: None for a body that is no JSON."""
    made = requests.Response()
    made.status_code = status
    made.reason = "Some Reason"
    made.request = requests.Request("GET", "http://127.0.0.1/").prepare()
    made._content = body if message is None else json.dumps({"error": {"message": message}}).encode()
    return made


def answered(status: int, message: str | None = "some words", body: bytes = b"") -> GoogleAPICallError:
    error: GoogleAPICallError = from_http_response(response(status, message, body))
    return error


def never_sent() -> requests.ConnectionError:
    refused = NewConnectionError(HTTPConnection("127.0.0.1"), "refused")
    return requests.ConnectionError(MaxRetryError(HTTPConnectionPool("127.0.0.1"), "/", refused))


def no_answer() -> requests.ConnectionError:
    return requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset")))
