"""The client: which credentials it takes, what it says where there are none, and how they fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import google.auth
import pytest
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import RefreshError

from cluster.blobs.google import GoogleBlobStore
from cluster.blobs.google_address import GoogleAddress
from cluster.blobs.google_client import EMULATOR, open_client
from cluster.errors import BlobForbidden, BlobUnavailable, StartupError
from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.faults import FaultKind
from tests.cloud_storage.server import CloudServer


class GivenCredentials(Credentials):  # type: ignore[misc]  # the library is not typed
    """refused: no token can be had any more. refreshed: how often one was asked for."""

    def __init__(self, *, refused: bool = False) -> None:
        super().__init__()
        self.refused = refused
        self.refreshed = 0

    def refresh(self, request: Any) -> None:
        self.refreshed += 1
        if self.refused:
            raise RefreshError("the account was disabled")
        self.token = f"token-{self.refreshed}"


@pytest.fixture
def _real_way(cloud_server: CloudServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production, only that the service is elsewhere: credentials are looked for."""
    monkeypatch.delenv(EMULATOR)
    monkeypatch.setenv("API_ENDPOINT_OVERRIDE", cloud_server.url)


def give(monkeypatch: pytest.MonkeyPatch, credentials: Credentials) -> None:
    monkeypatch.setattr(google.auth, "default", lambda scopes: (credentials, "project"))


def test_the_emulator_is_asked_without_credentials(cloud_server: CloudServer) -> None:
    client, session = open_client(5)
    assert client.api_endpoint == cloud_server.url
    assert isinstance(session.credentials, AnonymousCredentials)
    adapter = session.get_adapter(cloud_server.url)
    assert (adapter._pool_maxsize, adapter._pool_block) == (5, True)
    client.close()


@pytest.mark.usefixtures("_real_way")
async def test_the_environments_credentials_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = GivenCredentials()
    give(monkeypatch, credentials)
    store = GoogleBlobStore(GoogleAddress("bucket", ""))
    await store.create("a", b"")
    assert credentials.refreshed == 1
    await store.close()


@pytest.mark.usefixtures("_real_way")
async def test_credentials_that_have_become_stale_are_renewed(
    cloud: CloudDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = GivenCredentials()
    give(monkeypatch, credentials)
    store = GoogleBlobStore(GoogleAddress("bucket", ""))
    cloud.fail("upload", "a", FaultKind.UNAUTHORIZED)
    await store.create("a", b"")
    assert credentials.refreshed == 2
    cloud.fail("upload", "a", FaultKind.UNAUTHORIZED, None)
    with pytest.raises(BlobForbidden):
        await store.put("a", b"")
    await store.close()


@pytest.mark.usefixtures("_real_way")
async def test_credentials_that_can_not_be_renewed(cloud: CloudDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, GivenCredentials(refused=True))
    store = GoogleBlobStore(GoogleAddress("bucket", ""))
    for call in (store.read("a"), store.create("a", b""), store.put("a", b"")):
        with pytest.raises(BlobUnavailable, match="credentials could not be refreshed: the account was disabled"):
            await call
    assert cloud.operations == {}
    await store.close()


@pytest.mark.parametrize("content", [None, "no JSON", "{}", '{"type": "service_account"}'])
def test_credentials_that_are_missing_or_unusable_stop_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    file = tmp_path / "key.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with pytest.raises(StartupError, match=r"no usable Google credentials .* GOOGLE_APPLICATION_CREDENTIALS") as caught:
        open_client(5)
    assert "\n" not in caught.value.detail
