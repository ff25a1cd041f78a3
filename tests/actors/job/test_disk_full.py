"""A local store whose disk is full: jobs wait, say so in the log, and go on once there is room."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from cluster.blobs.local import LocalBlobStore
from cluster.blobs.local_file import TempFile
from cluster.errors import BlobStoreFull
from cluster.record import JobStatus
from tests.actors.job.host_world import HostWorld, until


class Disk:
    """full: whether writing a file finds no room."""

    full = False


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    append = TempFile.append

    def append_if_there_is_room(file: TempFile, pieces: Iterable[bytes]) -> None:
        if disk.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append(file, pieces)

    monkeypatch.setattr(TempFile, "append", append_if_there_is_room)
    return disk


async def test_a_job_waits_for_room_and_loses_nothing(
    tmp_path: Path, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    store = LocalBlobStore(tmp_path)
    world = HostWorld(store=store)  # type: ignore[arg-type]  # any store will do for what is used of it here
    host = world.host()
    await host.start()
    marker = await world.accept(12)
    world.ocr.open_until = 4
    await host.adopt(marker.job_id)
    await until(lambda: len(world.ocr.reads) >= 4)
    disk.full = True
    world.ocr.gate.set()
    await until(lambda: "the disk is full" in caplog.text)
    await asyncio.sleep(1.2)
    assert marker.job_id in host.jobs, "the job waits"
    with pytest.raises(BlobStoreFull):
        await store.create("users/x", b"")
    disk.full = False
    record = await world.ended(marker, 20)
    assert record.status is JobStatus.COMPLETED
    assert all(page.attempts == 1 for page in record.pages.values())
    assert world.ocr.reads == dict.fromkeys(range(1, 13), 1)
    await host.drain()
    await store.close()
