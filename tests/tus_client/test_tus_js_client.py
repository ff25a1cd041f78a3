"""The real tus-js-client against the app on a socket: large files, breaks in the middle, resumption, termination."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from cluster import layout
from cluster.blobs.local import LocalBlobStore
from cluster.clock import SystemClock
from cluster.settings import load_settings
from serve_app.app import create_app
from serve_app.fake_gateway import FakeGateway
from serve_app.identity import ANONYMOUS
from tests.served_app import served
from tests.tus_client.cutting_proxy import CuttingProxy
from tests.tus_client.installed import TusClient, installed_client
from tests.tus_client.stored_upload import digest, stored_parts

MEGABYTE = 1 << 20
SIZE = 30 * MEGABYTE + 7
VERSION = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(scope="session")
def client() -> TusClient:
    return installed_client()


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("document") / "book.pdf"
    path.write_bytes(b"%PDF-1.7\n" + os.urandom(SIZE - 9))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def url(folder: Path) -> Iterator[str]:
    clock = SystemClock()
    settings = load_settings(store=f"file://{folder}")
    store = LocalBlobStore(str(folder))
    app = create_app(store=store, gateway=FakeGateway(clock), settings=settings, clock=clock, version="1.2.3")
    with served(app) as at:
        yield at


def _submit(url: str, upload: str, folder: Path) -> Path:
    """Makes a job of the upload; the document's file."""
    answer = httpx.post(f"{url}/api/jobs", json={"source": {"upload_id": upload.rpartition("/")[2]}}, trust_env=False)
    assert answer.status_code == 202, answer.text
    assert answer.json()["file_info"]["filename"] == "Brief an Ä.pdf"
    return folder / layout.raw(layout.job_prefix(ANONYMOUS, answer.json()["job_id"]), "pdf")


def test_an_upload_in_chunks_becomes_a_job(client: TusClient, url: str, folder: Path, document: Path) -> None:
    done = client.upload(f"{url}/api/uploads", document, chunkSize=8 * MEGABYTE, filename="../Brief an Ä.pdf")
    assert done["retries"] == 0
    assert urlsplit(done["url"]).netloc == urlsplit(url).netloc
    sizes = [part.stat().st_size for part in stored_parts(folder, done["url"])]
    assert sizes == [*[8 * MEGABYTE] * 3, 6 * MEGABYTE + 7]
    assert digest(_submit(url, done["url"], folder)) == digest(document)


def test_an_upload_in_one_request_with_its_creation(client: TusClient, url: str, folder: Path, document: Path) -> None:
    done = client.upload(f"{url}/api/uploads", document, uploadDataDuringCreation=True)
    assert digest(*stored_parts(folder, done["url"])) == digest(document)


def test_an_upload_that_is_stopped_is_resumed_where_it_stands(
    client: TusClient, url: str, folder: Path, document: Path
) -> None:
    done = client.upload(f"{url}/api/uploads", document, abortAt=13 * MEGABYTE)
    parts = stored_parts(folder, done["url"])
    assert digest(*parts) == digest(document)
    assert parts[0].stat().st_size == 8 * MEGABYTE, "what had arrived was not sent again"


def test_connections_that_break_are_got_over(client: TusClient, url: str, folder: Path, document: Path) -> None:
    proxy = CuttingProxy(urlsplit(url).port or 0, [13 * MEGABYTE, 9 * MEGABYTE])
    with proxy.running() as through:
        done = client.upload(f"{through}/api/uploads", document)
    assert proxy.cuts == []
    assert done["retries"] >= 2
    parts = stored_parts(folder, done["url"])
    assert digest(*parts) == digest(document)
    assert sum(part.stat().st_size for part in parts) == SIZE
    assert len(parts) <= 4 + 2 * len([13, 9])


def test_an_upload_that_is_given_up_leaves_nothing(client: TusClient, url: str, folder: Path, document: Path) -> None:
    done = client.upload(f"{url}/api/uploads", document, chunkSize=8 * MEGABYTE, abortAt=17 * MEGABYTE, terminate=True)
    assert httpx.head(done["url"], headers=VERSION, trust_env=False).status_code == 404
    assert not (folder / layout.upload_info(done["url"].rpartition("/")[2])).exists()
