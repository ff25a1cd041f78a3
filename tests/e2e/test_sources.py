"""Documents in buckets on a real cluster, whose store is a folder; Cloud Storage's double is another process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.blobs.open import open_bucket
from tests.cloud_storage.remote import RemoteDouble, double_process
from tests.e2e.books import small_book
from tests.e2e.live_cluster import LiveCluster, live_cluster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PAGES = 4


@pytest.fixture(scope="module")
def cloud() -> Iterator[RemoteDouble]:
    with double_process("--bucket", "scans", "--bucket", "secrets") as remote:
        yield remote


@pytest.fixture(scope="module")
def cluster(cloud: RemoteDouble, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCluster]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", cloud.url)
        patch.setenv("NO_PROXY", "127.0.0.1")
        with live_cluster(tmp_path_factory.mktemp("store"), engines="null", source_buckets="scans") as running:
            yield running


async def _put(bucket: str, name: str, data: bytes) -> None:
    store = open_bucket(bucket)
    await store.put(name, data)
    await store.close()


def _submit(cluster: LiveCluster, uri: str) -> str:
    answer = cluster.http.post("/api/jobs", json={"source": {"uri": uri}})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["job_id"])


async def test_documents_in_buckets(cluster: LiveCluster, cloud: RemoteDouble, tmp_path: Path) -> None:
    book = small_book(tmp_path, PAGES).read_bytes()
    await _put("scans", "shelf/Buch Ä.tiff", book)
    await _put("secrets", "secret.tiff", book)
    await _put("scans", "notes.txt", b"no document")
    written = [entry for entry in cloud.log() if entry.name == "secret.tiff"]
    assert written
    record = cluster.ended(_submit(cluster, "gs://scans/shelf/Buch Ä.tiff"))
    assert (record["status"], record["pages_completed"]) == ("completed", PAGES)
    assert record["file_info"] == {
        "filename": "Buch Ä.tiff",
        "file_type": "tiff",
        "total_pages": PAGES,
        "raw_file": "raw/document.tiff",
        "file_size": len(book),
    }
    refused = {
        "gs://secrets/secret.tiff": "source_forbidden",
        "gs://scans/none.tiff": "source_not_found",
        "gs://scans/notes.txt": "media_type_unsupported",
    }
    for uri, code in refused.items():
        record = cluster.ended(_submit(cluster, uri))
        assert (record["status"], record["error"]["code"]) == ("failed", code)
    asked = [entry for entry in cloud.log() if entry.name == "secret.tiff"]
    assert asked == written, "what may not be read was not even asked for"
