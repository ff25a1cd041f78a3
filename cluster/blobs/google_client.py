"""A client of google-cloud-storage, with the credentials that the library finds and connections of its own."""

from __future__ import annotations

import os

import google.auth
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession
from google.cloud import storage
from requests.adapters import HTTPAdapter

from cluster.errors import StartupError

EMULATOR = "STORAGE_EMULATOR_HOST"
"""The library's own variable: the URL of a server that stands in for Cloud Storage, asked without credentials."""

_NO_BUCKET_METADATA = "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"
"""Unless this is set, the library reads the bucket's properties in a thread of its own, for traces that nobody takes:
a right more that we would need, and a connection that is held for minutes while the store is down."""


def open_client(connections: int) -> tuple[storage.Client, AuthorizedSession]:
    """The client, to be closed, and the session that it sends through, with up to ``connections`` to a server.

    May ask the machine's metadata server, which takes seconds where there is none. StartupError: no credentials.
    """
    os.environ.setdefault(_NO_BUCKET_METADATA, "true")
    try:
        credentials = _find_credentials()
        session = AuthorizedSession(credentials)
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(pool_maxsize=connections, pool_block=True))
        session.configure_mtls_channel()  # does nothing unless the machine has a certificate; keeps the pool's size
        # No project: it is needed to make buckets and to list them, which we never do.
        return storage.Client(project="<none>", credentials=credentials, _http=session), session
    except (GoogleAuthError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise StartupError(
            f"no usable Google credentials were found ({reason}): give the workload an identity, set "
            "GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default login`."
        ) from error


def _find_credentials() -> Credentials:
    """As the library would."""
    if os.environ.get(EMULATOR):
        return AnonymousCredentials()
    credentials, _ = google.auth.default(scopes=storage.Client.SCOPE)
    return credentials
