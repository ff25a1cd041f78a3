"""Resumable uploads on a real cluster: the Ingress is killed in the middle, another goes on, the bytes are the same."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.e2e.live_cluster import LiveCluster, live_cluster
from tests.tus_client.installed import installed_client
from tests.tus_client.stored_upload import digest, stored_parts

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

MEGABYTE = 1 << 20
PAGES = 6
VERSION = {"Tus-Resumable": "1.0.0"}
INGRESS = "ServeReplica:gnosis-ocr:Ingress"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCluster]:
    with live_cluster(tmp_path_factory.mktemp("store"), engines="null") as running:
        yield running


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF of more than 20 MB: pages of noise, which does not compress."""
    path = tmp_path_factory.mktemp("book") / "book.pdf"
    size = 2400, 2000
    pages = [Image.frombytes("L", size, os.urandom(size[0] * size[1])) for _ in range(PAGES)]
    pages[0].save(path, save_all=True, append_images=pages[1:], quality=95)
    assert path.stat().st_size > 20 * MEGABYTE
    return path


def _slowly(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), MEGABYTE):
        yield content[at : at + MEGABYTE]
        time.sleep(0.05)


def _patch(cluster: LiveCluster, path: str, offset: int, content: Any) -> httpx.Response:
    headers = {**VERSION, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
    return cluster.http.patch(path, content=content, headers=headers)


def _offset(cluster: LiveCluster, path: str) -> int:
    """Where the upload stands, asked as a client does: again, while the server is away."""
    found: list[int] = []

    def answered() -> bool:
        try:
            answer = cluster.http.head(path, headers=VERSION)
        except httpx.TransportError:
            return False
        if answer.status_code == 200:
            found.append(int(answer.headers["upload-offset"]))
        return bool(found)

    cluster.wait(answered, 60)
    return found[0]


def test_an_upload_goes_on_after_its_ingress_was_killed(cluster: LiveCluster, book: Path) -> None:
    content = book.read_bytes()
    options = cluster.http.options("/api/uploads")
    assert (options.status_code, options.headers["tus-version"]) == (204, "1.0.0")
    answer = cluster.http.post("/api/uploads", headers={**VERSION, "Upload-Length": str(len(content))})
    assert answer.status_code == 201, answer.text
    path = answer.headers["location"]

    broken: list[object] = []

    def send() -> None:
        try:
            broken.append(_patch(cluster, path, 0, _slowly(content)).status_code)
        except httpx.TransportError as error:
            broken.append(error)

    sending = threading.Thread(target=send)
    sending.start()
    cluster.wait(lambda: len(stored_parts(cluster.store, path)) >= 1, 60)
    cluster.kill(INGRESS)
    sending.join(60)
    assert not sending.is_alive()
    assert broken != [204], "the request was whole before the Ingress died"

    before = [(part.name, part.stat().st_mtime_ns) for part in stored_parts(cluster.store, path)]
    offset = _offset(cluster, path)
    assert 8 * MEGABYTE <= offset < len(content)
    rest = _patch(cluster, path, offset, content[offset:])
    assert (rest.status_code, rest.headers["upload-offset"]) == (204, str(len(content)))
    parts = stored_parts(cluster.store, path)
    assert [(part.name, part.stat().st_mtime_ns) for part in parts][: len(before)] == before, "nothing was sent again"
    assert digest(*parts) == digest(book)

    keyed = {"Idempotency-Key": "the-book"}
    source = {"source": {"upload_id": path.rpartition("/")[2]}, "options": {"dpi": 72}}
    accepted = cluster.http.post("/api/jobs", json=source, headers=keyed)
    assert accepted.status_code == 202, accepted.text
    job_id = accepted.json()["job_id"]
    cluster.wait(lambda: not stored_parts(cluster.store, path), 30)
    again = cluster.http.post("/api/jobs", json=source, headers=keyed)
    assert (again.status_code, again.json()["job_id"]) == (202, job_id)
    record = cluster.ended(job_id)
    assert (record["status"], record["pages_completed"]) == ("completed", PAGES)
    raw = next(cluster.store.rglob(f"{job_id}/raw/document.pdf"))
    assert digest(raw) == digest(book)


def test_the_real_client_carries_300_mb_over_a_killed_ingress(cluster: LiveCluster, tmp_path: Path) -> None:
    """One PATCH for all of it, as tus-js-client sends a file by default."""
    document = tmp_path / "large.pdf"
    document.write_bytes(b"%PDF-1.7\n" + os.urandom(300 * MEGABYTE))
    client = installed_client()
    done: list[dict[str, Any]] = []
    delays = [500] * 60  # the cluster's next Ingress is up within seconds
    uploading = threading.Thread(
        target=lambda: done.append(client.upload(f"{cluster.url}/api/uploads", document, retryDelays=delays))
    )
    uploading.start()
    cluster.wait(lambda: len(list(cluster.store.glob("uploads/*/part-*"))) >= 8, 60)
    cluster.kill(INGRESS)
    uploading.join(200)
    assert done
    assert done[0]["retries"] >= 1
    assert digest(*stored_parts(cluster.store, done[0]["url"])) == digest(document)
    cluster.wait(lambda: cluster.http.get("/readyz").status_code == 200, 60)
    assert cluster.http.delete(done[0]["url"], headers=VERSION).status_code == 204
    assert stored_parts(cluster.store, done[0]["url"]) == []
