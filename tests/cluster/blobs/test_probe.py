"""The look at the blob store before the start: what is wrong is said in one line, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.blobs.google_client import EMULATOR
from cluster.blobs.probe import check_store
from cluster.errors import StartupError
from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.faults import FaultKind

URL = "gs://bucket/prefix"


async def test_a_store_that_can_be_used(cloud: CloudDouble, tmp_path: Path) -> None:
    await check_store(URL)
    assert cloud.operations == {"upload": 1, "download": 1, "delete": 1}
    assert cloud.buckets["bucket"].list("", "", 10) == ([], None)
    await check_store(f"file://{tmp_path}/new")
    assert list((tmp_path / "new/probe").iterdir()) == []


@pytest.mark.parametrize(("operation", "step"), [("upload", "written"), ("download", "read"), ("delete", "deleted")])
async def test_a_right_that_is_missing(cloud: CloudDouble, operation: str, step: str) -> None:
    cloud.fail(operation, "prefix/probe/*", FaultKind.FORBIDDEN, None)
    with pytest.raises(StartupError, match=rf"GNOSIS_STORE is 'gs://bucket/prefix', .*may not be {step} there: give"):
        await check_store(URL)


@pytest.mark.usefixtures("cloud")
async def test_a_bucket_that_is_missing() -> None:
    with pytest.raises(StartupError, match="GNOSIS_STORE is 'gs://elsewhere', but there is no such bucket: create it"):
        await check_store("gs://elsewhere")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("gs:///prefix", "names no bucket: it must be gs://BUCKET"),
        ("gs://Bucket", "no bucket can be called 'Bucket'"),
        ("gs://bucket?region=eu", "has a query"),
    ],
)
async def test_a_malformed_url(url: str, reason: str) -> None:
    with pytest.raises(StartupError, match=reason) as caught:
        await check_store(url)
    assert caught.value.detail.startswith(f"GNOSIS_STORE is {url!r}, but ")


async def test_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(EMULATOR, raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "absent"))
    with pytest.raises(StartupError, match=r"GNOSIS_STORE is 'gs://bucket/prefix', but no usable Google credentials"):
        await check_store(URL)


async def test_a_folder_that_can_not_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StartupError, match=r"GNOSIS_STORE is 'file://.*/file/data', but .*can't be used"):
        await check_store(f"file://{tmp_path}/file/data")
