"""Expired resumable uploads go, whole, with the round of retention; those that are alive are not touched."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from actors.job import upload_retention
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.ids import new_upload_id, user_hash
from cluster.resumable_upload import KEPT_EXPIRED, LIFETIME, UploadInfo, encode_upload
from tests.actors.job.archive import ADA, NOW, Archive

DUE = LIFETIME + KEPT_EXPIRED


async def _upload(archive: Archive, age: timedelta, parts: int = 3) -> str:
    upload_id = new_upload_id(NOW - age)
    await archive.store.put(layout.upload_info(upload_id), encode_upload(UploadInfo(ADA, 9, "", "")))
    for number in range(parts):
        await archive.store.put(layout.upload_part(upload_id, number), b"x")
    return upload_id


async def _left(archive: Archive) -> set[str]:
    return {layout.upload_of(blob.name) for blob in await archive.store.list(layout.UPLOADS, limit=10_000)}


async def test_what_has_expired_goes(audit_log: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_retention, "_LISTED", 3)
    archive = Archive(days=None)
    old = [await _upload(archive, DUE + timedelta(minutes=n)) for n in range(1, 4)]
    young = {await _upload(archive, DUE - timedelta(minutes=n)) for n in (1, 60)}
    assert (await archive.retention.round()).uploads_expired == 3
    assert await _left(archive) == young
    lines = [line for line in audit_log if line["event"] == "upload_expired"]
    assert {line["upload_id"] for line in lines} == set(old)
    assert {(line["user"], line["reason"]) for line in lines} == {(user_hash(ADA), "retention")}
    assert (await archive.retention.round()).uploads_expired == 0


async def test_parts_without_an_info_go_too(audit_log: list[dict[str, Any]]) -> None:
    archive = Archive()
    upload_id = await _upload(archive, DUE + timedelta(days=9))
    await archive.store.delete(layout.upload_info(upload_id))
    assert (await archive.retention.round()).uploads_expired == 1
    assert await _left(archive) == set()
    assert "user" not in audit_log[0]


async def test_a_store_that_is_away_is_waited_for() -> None:
    archive = Archive()
    await _upload(archive, DUE * 2)
    archive.store.fail("delete", "uploads/*", FaultKind.LOST_ANSWER)
    archive.store.fail("list", "uploads/*", FaultKind.UNAVAILABLE, 2)
    running = asyncio.create_task(archive.retention.round())
    for _ in range(10):
        await archive.clock.advance(10)
    assert (await running).uploads_expired == 1
    assert await _left(archive) == set()
