"""Blob names as stored: final, so they are written out here once more, letter by letter."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster import layout
from cluster.ids import new_job_id, slot_of, user_hash

JOB = "0197a3c0-0000-7000-8000-000000000001"
ADA = "ada@example.org"
PREFIX = f"users/{user_hash(ADA)}/jobs/{JOB}/"


def test_names_of_a_job() -> None:
    prefix = layout.job_prefix(ADA, JOB)
    assert prefix == PREFIX
    assert layout.record(prefix) == f"{PREFIX}processing.json"
    assert layout.raw(prefix, "pdf") == f"{PREFIX}raw/document.pdf"
    assert layout.page_image(prefix, 1) == f"{PREFIX}page_001.png"
    assert layout.page_text(prefix, 12) == f"{PREFIX}page_012_result.txt"
    assert layout.page_result(prefix, 1234) == f"{PREFIX}page_1234_result.json"
    assert layout.output(prefix, 2, 5, "md") == f"{PREFIX}result-2-5.md"


def test_names_beside_the_job() -> None:
    assert layout.marker(JOB) == f"active/{slot_of(JOB):02d}/{JOB}"
    assert layout.quarantine(JOB) == f"quarantine/{JOB}"
    assert layout.index(ADA, JOB) == f"users/{user_hash(ADA)}/by-time/{JOB}"
    key = hashlib.sha256(b"key 1").hexdigest()
    assert layout.idempotency(ADA, "key 1") == f"users/{user_hash(ADA)}/idempotency/{key}"
    assert layout.probe("t1") == "probe/t1"
    assert layout.heartbeat("c1", "job-host-v-0", 7) == "hosts/c1/job-host-v-0/00000007"


def test_files_named_in_a_record_lie_under_its_prefix() -> None:
    assert layout.page_image(PREFIX, 3) == PREFIX + layout.page_image_file(3)
    assert layout.page_text(PREFIX, 3) == PREFIX + layout.page_result_file(3)
    assert layout.output(PREFIX, 1, 1, "txt") == PREFIX + layout.output_file(1, 1, "txt")


@pytest.mark.parametrize("_", range(20))
def test_a_marker_is_found_in_the_list_of_its_slot(_: int) -> None:
    job_id = new_job_id()
    assert layout.marker(job_id).startswith(layout.markers_of_slot(slot_of(job_id)))


def test_a_users_names_begin_with_the_users_folder() -> None:
    for name in (layout.index(ADA, JOB), layout.idempotency(ADA, "k"), layout.job_prefix(ADA, JOB)):
        assert name.startswith(layout.user_prefix(ADA))
    assert layout.index(ADA, JOB).startswith(layout.index_of_user(ADA))


def test_heartbeats_sort_by_incarnation() -> None:
    names = [layout.heartbeat("c", "h", incarnation) for incarnation in (1, 2, 9, 10, 11, 99, 100)]
    assert names == sorted(names)


@given(st.integers(1, 99_999))
def test_the_page_of_a_result_is_read_back_from_its_name(page: int) -> None:
    assert layout.page_of_result(PREFIX, layout.page_result(PREFIX, page)) == page


@pytest.mark.parametrize(
    "name",
    [
        "processing.json",
        "page_001.png",
        "page_001_result.txt",
        "page_x_result.json",
        "page__result.json",
        "page_-01_result.json",
        "raw/page_001_result.json",
        "result-1-1.json",
    ],
)
def test_other_names_are_the_result_of_no_page(name: str) -> None:
    assert layout.page_of_result(PREFIX, PREFIX + name) is None


@pytest.mark.parametrize("page", [1, 12, 999, 1000, 12345])
def test_the_page_of_an_image_and_of_a_text_is_read_back_from_its_name(page: int) -> None:
    image, text = layout.page_image(PREFIX, page), layout.page_text(PREFIX, page)
    assert (layout.page_of_image(PREFIX, image), layout.page_of_text(PREFIX, image)) == (page, None)
    assert (layout.page_of_image(PREFIX, text), layout.page_of_text(PREFIX, text)) == (None, page)
    assert image.startswith(layout.pages(PREFIX))
    assert layout.page_of_text(PREFIX, layout.page_result(PREFIX, page)) is None
    assert layout.page_of_image(PREFIX, image + "x") is None


@given(st.text())
def test_no_key_of_a_client_gets_into_a_path(key: str) -> None:
    digest = layout.idempotency(ADA, key).removeprefix(f"users/{user_hash(ADA)}/idempotency/")
    assert len(digest) == 64
    assert int(digest, 16) >= 0


def test_names_by_the_users_hash_are_those_by_the_address() -> None:
    user = user_hash(ADA)
    assert layout.job_folder(user, JOB) == layout.job_prefix(ADA, JOB)
    assert layout.index_folder(user) + JOB == layout.index(ADA, JOB)
    assert layout.idempotency_entry(user, layout.key_hash("k")) == layout.idempotency(ADA, "k")
    assert layout.parts_of_job_prefix(PREFIX) == (user, JOB)


@pytest.mark.parametrize(
    "prefix",
    ["", "/", "users/", f"users/{user_hash(ADA)}/", f"users/{user_hash(ADA)}/jobs/", PREFIX[:-1], PREFIX + "raw/", JOB],
)
def test_what_is_no_jobs_folder(prefix: str) -> None:
    with pytest.raises(ValueError, match="is not the folder of a job"):
        layout.parts_of_job_prefix(prefix)


@given(st.text(alphabet="0123456789abcdef", min_size=32, max_size=32))
def test_the_users_are_walked_over_in_the_order_of_names(user: str) -> None:
    names = [layout.job_folder(user, JOB), layout.index_folder(user) + JOB, layout.idempotency_entry(user, "0")]
    assert {layout.user_of(name) for name in names} == {user}
    assert max(names) < layout.after_user(user)
    assert layout.user_folder(f"{int(user, 16) + 1:032x}"[-32:]) > layout.after_user(user) or user == "f" * 32


def test_a_tombstones_entry() -> None:
    name = layout.tombstone_entry("2026-01-31", PREFIX)
    assert name == f"tombstones/2026-01-31/{user_hash(ADA)}/{JOB}"
    assert layout.tombstone_of_entry(name) == ("2026-01-31", PREFIX)
    for bad in ("tombstones/", "tombstones/2026-01-31/x", "tombstones/2026-01-31/x/y"):
        with pytest.raises(ValueError, match="is not the folder of a job"):
            layout.tombstone_of_entry(bad)
