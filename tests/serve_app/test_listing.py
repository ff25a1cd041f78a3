"""The listing: order, pages, filters, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.ids import first_job_id_at
from cluster.marker import Operation
from cluster.record import JobRecord, JobStatus, Tombstone
from serve_app import listing
from serve_app.identity import ANONYMOUS
from serve_app.listing import decode_token, encode_token
from tests.serve_app.builders import Server, ended, job_marker, job_record

NOW = datetime(2026, 1, 1, tzinfo=UTC)  # where a ManualClock starts


def _id(moment: datetime, number: int) -> str:
    return first_job_id_at(moment)[:-6] + f"{number:06x}"


async def _add(web: Server, record: JobRecord, email: str = ANONYMOUS) -> None:
    await web.store.create(layout.index(email, record.job_id), b"")
    await web.save(record, email)


async def _jobs(web: Server, **query: Any) -> dict[str, Any]:
    answer = await web.client.get("/api/jobs", params=query)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


async def _all(web: Server, **query: Any) -> tuple[list[str], int]:
    """Every id over all pages, and the number of pages."""
    ids: list[str] = []
    token: str | None = ""
    pages = 0
    while token is not None:
        content = await _jobs(web, **query, **({"page_token": token} if token else {}))
        ids += [job["job_id"] for job in content["jobs"]]
        token, pages = content["next_page_token"], pages + 1
    return ids, pages


@pytest.fixture
async def three_hundred(web: Server) -> list[JobRecord]:
    """Jobs over two years, thick and thin, some in one millisecond, one from a clock that runs ahead; oldest first."""
    random = Random(7)
    moments = [NOW - timedelta(seconds=random.expovariate(1 / 600)) for _ in range(200)]
    moments += [NOW - timedelta(days=random.uniform(1, 700)) for _ in range(89)]
    moments += [NOW - timedelta(days=3)] * 10 + [NOW + timedelta(hours=2)]
    records = []
    for number, moment in enumerate(moments):
        record = job_record(_id(moment, number), session_id=f"session-{number % 3}")
        records.append(ended(record) if number % 4 else record)
    for record in records:
        await _add(web, record)
    return sorted(records, key=lambda record: record.job_id)


async def test_newest_first_in_pages(web: Server, three_hundred: list[JobRecord]) -> None:
    newest = [record.job_id for record in reversed(three_hundred)]
    assert await _all(web, limit=7) == (newest, 43)
    assert await _all(web, limit=200) == (newest, 2)
    assert await _all(web) == (newest, 6)
    assert [job["job_id"] for job in (await _jobs(web, limit=1))["jobs"]] == newest[:1]


async def test_a_page_that_takes_all_has_no_token(web: Server, three_hundred: list[JobRecord]) -> None:
    ids, pages = await _all(web, limit=150)
    assert (len(ids), pages) == (300, 2)


async def test_filters(web: Server, three_hundred: list[JobRecord]) -> None:
    newest = list(reversed(three_hundred))
    done = [record.job_id for record in newest if record.status is JobStatus.COMPLETED]
    assert (await _all(web, status="completed", limit=20))[0] == done
    mine = [record.job_id for record in newest if record.session_id == "session-1"]
    assert (await _all(web, session_id="session-1", limit=20))[0] == mine
    both = [job_id for job_id in done if job_id in mine]
    assert (await _all(web, session_id="session-1", status="completed"))[0] == both
    assert await _all(web, status="failed") == ([], 1)
    assert await _all(web, session_id="none such") == ([], 1)


async def test_a_rare_filter_looks_at_a_bounded_number_of_jobs(
    web: Server, three_hundred: list[JobRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_EXAMINED", 64)
    oldest = three_hundred[0]
    await web.save(replace(oldest, session_id="rare"))
    first = await _jobs(web, session_id="rare")
    assert first["jobs"] == []
    assert first["next_page_token"]
    ids, pages = await _all(web, session_id="rare")
    assert ids == [oldest.job_id]
    assert pages >= 4


async def test_what_is_left_out(web: Server) -> None:
    shown, queued = job_record(_id(NOW, 1)), job_marker(_id(NOW, 2))
    await _add(web, shown)
    await web.store.create(layout.index(ANONYMOUS, queued.job_id), b"")
    await web.mark(queued)
    await web.store.create(layout.index(ANONYMOUS, _id(NOW, 3)), b"")  # neither record nor marker
    await web.store.create(layout.index_of_user(ANONYMOUS) + "not-an-id", b"")
    gone: list[JobRecord | Tombstone] = [
        Tombstone(_id(NOW, 4), 1, 1),
        job_record(_id(NOW, 5), status=JobStatus.DELETING),
    ]
    for record in gone:
        await web.store.create(layout.index(ANONYMOUS, record.job_id), b"")
        await web.save(record)
    ordered = job_marker(_id(NOW, 9), operation=Operation.DELETE)
    await web.store.create(layout.index(ANONYMOUS, ordered.job_id), b"")
    await web.mark(ordered)
    for number, data in ((6, b"{"), (7, b'{"schema_version": 99}')):
        await web.store.create(layout.index(ANONYMOUS, _id(NOW, number)), b"")
        await web.store.create(layout.record(layout.job_prefix(ANONYMOUS, _id(NOW, number))), data)
    await _add(web, job_record(_id(NOW, 8), user_email="else@example.org"), "else@example.org")
    assert await _all(web) == ([queued.job_id, shown.job_id], 1)


async def test_a_listed_job_is_its_record_without_pages(web: Server) -> None:
    record = job_record(_id(NOW, 1))
    await _add(web, record)
    job = (await _jobs(web))["jobs"][0]
    status = (await web.client.get(f"/api/jobs/{record.job_id}/status")).json()
    status.pop("pages")
    assert job == status


async def test_an_empty_list(web: Server) -> None:
    assert await _jobs(web) == {"jobs": [], "next_page_token": None}


async def test_one_very_old_job_is_found_in_few_steps(web: Server) -> None:
    record = job_record(_id(NOW - timedelta(days=3650), 1))
    await _add(web, record)
    web.store.log.clear()
    assert await _all(web) == ([record.job_id], 1)
    assert len([done for done in web.store.log if done.operation == "list"]) < 25


async def test_a_thick_window_is_listed_in_pages(web: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_PAGE", 5)
    records = [job_record(_id(NOW, number)) for number in range(23)]
    for record in records:
        await _add(web, record)
    ids, _ = await _all(web, limit=4)
    assert ids == [record.job_id for record in reversed(records)]
    assert all(a > b for a, b in pairwise(ids))


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "many"},
        {"status": "done"},
        {"status": "deleted"},
        {"page_token": "x"},
        {"page_token": "ä"},
        {"page_token": encode_token("nonsense")},
        {"state": "completed"},
    ],
)
async def test_bad_queries(web: Server, query: dict[str, str]) -> None:
    answer = await web.client.get("/api/jobs", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "option_invalid")


async def test_a_store_that_is_away(web: Server) -> None:
    await _add(web, job_record(_id(NOW, 1)))
    web.store.fail("read", "*", FaultKind.UNAVAILABLE)
    answer = await web.client.get("/api/jobs")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")


def test_tokens_come_back() -> None:
    job_id = _id(NOW, 5)
    assert decode_token(encode_token(job_id)) == job_id
