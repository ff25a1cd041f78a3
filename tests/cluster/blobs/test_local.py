"""The local blob store: the contract, and what only files, processes and crashes can show."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cluster.blobs.local import THREADS, LocalBlobStore
from cluster.blobs.local_file import TempFile, keeps_marks
from cluster.blobs.port import Blob
from cluster.clock import ManualClock
from cluster.errors import (
    BlobConflict,
    BlobError,
    BlobForbidden,
    BlobNotFound,
    BlobStoreFull,
    BlobThrottled,
    BlobUnavailable,
    StartupError,
)
from tests.cluster.blobs.contract import BlobStoreContract, pieces
from tests.cluster.blobs.contract_listing import names

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[LocalBlobStore]:
    store = LocalBlobStore(tmp_path / "data")
    yield store
    left = os.listdir(tmp_path / "data/.store/temp") if (tmp_path / "data/.store/temp").exists() else []
    await store.close()
    assert left == []


async def start(root: Path, what: str, number: int) -> asyncio.subprocess.Process:
    """A process at work on the store; returns once it has opened it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.cluster.blobs.counting", str(root), what, str(number)),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"started\n"
    return process


class TestLocalContract(BlobStoreContract):
    pass


async def test_processes_lose_no_increment(store: LocalBlobStore, tmp_path: Path) -> None:
    await store.create("counter", b"0")
    processes = await asyncio.gather(*(start(tmp_path / "data", "count", 150) for _ in range(4)))
    assert await asyncio.gather(*(process.wait() for process in processes)) == [0] * 4
    assert (await store.read("counter")).data == b"600"


async def test_a_killed_process_leaves_only_whole_blobs_and_no_lock(store: LocalBlobStore, tmp_path: Path) -> None:
    process = await start(tmp_path / "data", "scribble", 20_000)
    await asyncio.sleep(0.5)
    process.kill()
    await process.wait()
    found = await store.list("")
    assert found
    for info in found:
        assert info.name.startswith("scribbled/")
        blob = await store.read(info.name)
        assert blob == Blob(blob.data[:8] * 20_000, info.generation)
        assert await store.replace(info.name, b"mine", info.generation) > info.generation
    for left in (tmp_path / "data/.store/temp").iterdir():
        left.unlink()  # a day later a start would do it


async def test_a_blob_is_a_plain_file(store: LocalBlobStore, tmp_path: Path) -> None:
    generation = await store.create("users/a/processing.json", b"{}")
    path = tmp_path / "data/users/a/processing.json"
    assert path.read_bytes() == b"{}"
    assert path.stat().st_mtime_ns == generation


@pytest.mark.parametrize("copy_file", [shutil.copy2, shutil.copyfile], ids=lambda copy: copy.__name__)
async def test_a_copy_of_the_folder_is_a_store(
    store: LocalBlobStore, tmp_path: Path, copy_file: Callable[[str, str], str]
) -> None:
    """With the files' times and attributes or without, and without ``.store``."""
    await store.put("users/u/a", b"1")
    generation = await store.create("users/u/b", b"2")
    await store.replace("users/u/b", b"3", generation)
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "data", copy, ignore=shutil.ignore_patterns(".store"), copy_function=copy_file)
    restored = LocalBlobStore(copy)
    assert await names(restored, "") == ["users/u/a", "users/u/b"]
    found = await restored.read("users/u/b")
    assert found.data == b"3"
    assert await restored.replace("users/u/b", b"4", found.generation) > found.generation
    with pytest.raises(BlobConflict):
        await restored.create("users/u/a", b"5")


async def test_generations_rise_when_the_clock_is_set_back(tmp_path: Path) -> None:
    seen: list[int] = []
    for year in (2030, 2020, 2025):  # each a process whose clock stands still
        store = LocalBlobStore(tmp_path, ManualClock(datetime(year, 1, 1, tzinfo=UTC)))
        for _ in range(3):
            seen.append(await store.put("a", b"x"))
            seen.append(await store.put("a", b"y", durable=True))
            assert await store.read("a") == Blob(b"y", seen[-1])
            await store.delete("a")
        await store.close()
    assert seen == sorted(set(seen))


async def test_what_is_read_without_a_thread_is_what_another_left_there(
    store: LocalBlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await store.create("a", b"1")
    reader = LocalBlobStore(tmp_path / "data", ManualClock())
    assert await reader.read("a") == Blob(b"1", first)

    def never(*_: object) -> None:
        raise AssertionError("what was read a moment ago must not cost a thread")

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(reader, "_in_thread", never)
        second = await store.replace("a", b"22", first)
        assert await reader.read("a") == Blob(b"22", second)
        with monkeypatch.context() as broken:
            broken.setattr("cluster.blobs.local_folder.read_at", fail)
            with pytest.raises(BlobUnavailable, match="Input/output"):
                await reader.read("a")
        await store.delete("a")
        with pytest.raises(BlobNotFound):
            await reader.read("a")
    await reader.close()


async def test_a_conflict_writes_nothing(store: LocalBlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.create("a", b"x")

    def never(*_: object) -> None:
        raise AssertionError("a refused write must not cost a write")

    monkeypatch.setattr(TempFile, "append", never)
    with pytest.raises(BlobConflict):
        await store.create("a", b"y")


async def test_a_folder_that_was_removed_meanwhile(store: LocalBlobStore, tmp_path: Path) -> None:
    await store.create("a/b/c/d", b"")
    (tmp_path / "data/a/b/c/d").unlink()
    (tmp_path / "data/a/b/c").rmdir()
    (tmp_path / "data/a/b").rmdir()
    await store.create("a/b/c/e", b"x")
    assert await names(store, "") == ["a/b/c/e"]


async def test_a_name_that_is_a_folder_or_lies_below_a_blob(store: LocalBlobStore) -> None:
    await store.create("a/b", b"x")
    for name in ("a", "a/b/c", "a/b/c/d"):
        with pytest.raises(BlobUnavailable):
            await store.create(name, b"")
        with pytest.raises(BlobUnavailable):
            await store.put(name, b"", durable=True)
        with pytest.raises(BlobConflict):
            await store.replace(name, b"", 5)
    assert await names(store, "") == ["a/b"]
    await store.delete("a/b")
    await store.create("a/b/c", b"now a folder")
    assert await names(store, "") == ["a/b/c"]


async def test_what_is_not_a_blob_is_passed_over(store: LocalBlobStore, tmp_path: Path) -> None:
    root = tmp_path / "data"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_bytes(b"secret")
    (root / ".DS_Store").write_bytes(b"")
    (root / "a").mkdir()
    (root / "a/link").symlink_to(tmp_path / "outside/secret")
    (root / "link").symlink_to(tmp_path / "outside")
    os.mkfifo(root / "a/pipe")
    Path(os.fsdecode(os.fsencode(root) + b"/a/\xff")).write_bytes(b"not UTF-8")
    await store.create("a/b", b"x")
    assert await names(store, "") == ["a/b"]
    for name in ("a/link", "a/pipe", "a"):
        with pytest.raises(BlobNotFound):
            await store.read(name)


async def test_a_file_that_came_back_short_counts_as_absent(store: LocalBlobStore, tmp_path: Path) -> None:
    if not keeps_marks(os.fsencode(tmp_path / "data/.store/locks/00")):
        pytest.skip("the file system of the temporary folder keeps no attributes: every file is synced there")
    await store.put("a/page_001.png", b"x" * 1000)
    await store.put("a/whole", b"y" * 1000)
    os.truncate(tmp_path / "data/a/page_001.png", 0)  # as after the machine died before the content was on disk
    assert await names(store, "a/") == ["a/whole"]
    with pytest.raises(BlobNotFound):
        await store.read("a/page_001.png")
    await store.create("a/page_001.png", b"z" * 10)
    assert (await store.read("a/page_001.png")).data == b"z" * 10


@pytest.mark.parametrize("marked", [True, False])
async def test_what_is_synced(store: LocalBlobStore, monkeypatch: pytest.MonkeyPatch, marked: bool) -> None:
    if marked and not store._files._marked:
        pytest.skip("the file system of the temporary folder keeps no attributes")
    monkeypatch.setattr(store._files, "_marked", marked)
    await store.create("a/first", b"")
    synced: list[str] = []
    real = os.fsync

    def note(file: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{file}").partition("/data/")[2])
        real(file)

    monkeypatch.setattr(os, "fsync", note)
    await store.create("a/durable", b"x")
    assert [name.startswith(".store/temp/") for name in synced] == [True, False]
    assert synced[1] == "a"
    synced.clear()
    await store.create("a/not", b"x", durable=False)
    assert len(synced) == (0 if marked else 1)
    synced.clear()
    await store.create("a/b/c/d", b"x")
    assert synced[1:] == ["a", "a/b", "a/b/c"]
    synced.clear()
    await store.delete("a/b/c/d")
    assert synced[0].startswith(".store/locks/")
    assert synced[1:] == ["a/b/c"]


@pytest.mark.parametrize(
    ("number", "expected", "detail"),
    [
        (errno.ENOSPC, BlobStoreFull, "disk is full"),
        (errno.EDQUOT, BlobStoreFull, "disk is full"),
        (errno.EACCES, BlobForbidden, "denied"),
        (errno.EPERM, BlobForbidden, "not permitted"),
        (errno.EROFS, BlobForbidden, "Read-only"),
        (errno.EIO, BlobUnavailable, "Input/output"),
        (errno.ENOENT, BlobUnavailable, "No such file"),
    ],
)
async def test_errors_of_the_system(
    store: LocalBlobStore, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[BlobError], detail: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(TempFile, "seal", fail)
    for call in (store.create("a", b"x"), store.put_stream("a", pieces(b"x" * (2 << 20)))):
        with pytest.raises(expected, match=detail) as caught:
            await call
        assert not isinstance(caught.value, BlobThrottled)
    monkeypatch.undo()
    assert await names(store, "") == []


async def test_a_store_whose_folder_is_gone(store: LocalBlobStore, tmp_path: Path) -> None:
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    with pytest.raises(BlobNotFound):
        await store.read("a")
    with pytest.raises(BlobUnavailable):
        await store.create("a", b"")
    (tmp_path / "elsewhere").rename(tmp_path / "data")
    await store.create("a", b"")


async def test_stale_temp_files_go_at_start(store: LocalBlobStore, tmp_path: Path) -> None:
    temp = tmp_path / "data/.store/temp"
    for name, age_s in (("old", 90_000), ("young", 80_000)):
        (temp / name).write_bytes(b"")
        os.utime(temp / name, (time.time() - age_s,) * 2)
    other = LocalBlobStore(tmp_path / "data")
    assert os.listdir(temp) == ["young"]
    await other.close()
    (temp / "young").unlink()


async def test_a_stream_is_written_out_as_it_comes(store: LocalBlobStore, tmp_path: Path) -> None:
    on_disk: list[int] = []

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b"x" * 65_536
            on_disk.append(sum(file.stat().st_size for file in (tmp_path / "data/.store/temp").iterdir()))

    await store.put_stream("a", chunks())
    behind = [65_536 * (number + 1) - size for number, size in enumerate(on_disk)]
    assert max(behind) <= 1 << 20


async def test_blocking_work_stays_in_the_stores_own_threads(store: LocalBlobStore) -> None:
    await asyncio.gather(*(store.put(f"a/{number}", b"x" * 1000) for number in range(100)))
    assert len(store._pool._threads) <= THREADS
    assert getattr(asyncio.get_running_loop(), "_default_executor", None) is None


async def test_an_unread_stream_is_closed(store: LocalBlobStore) -> None:
    await store.put("a", b"x" * 100)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        stream = store.open_read("a", chunk_size=10)
        await anext(aiter(stream))
        await stream.aclose()  # type: ignore[attr-defined]  # the port promises an iterator; this one is a generator
    assert len(os.listdir("/proc/self/fd")) == before


async def test_a_folder_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StartupError, match="file/data"):
        LocalBlobStore(tmp_path / "file/data")


async def test_times_that_are_not_kept_stop_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.utime
    monkeypatch.setattr(os, "utime", lambda file, ns: real(file, ns=(ns[0] // 10**9 * 10**9,) * 2))
    with pytest.raises(StartupError, match="nanoseconds"):
        LocalBlobStore(tmp_path)
