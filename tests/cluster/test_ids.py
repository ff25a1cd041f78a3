"""Ids are unique and sort by age; the numbers drawn from them never change, since stored names depend on them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from cluster.ids import SLOTS, first_job_id_at, is_job_id, moment_of, new_job_id, new_token, slot_of, user_hash

HASH_OF_ADA = "cfe00dde46ef942601ffafb9e2825e80"


def test_job_ids_are_unique_and_in_order_of_age() -> None:
    drawn = [new_job_id() for _ in range(500)]
    assert len(set(drawn)) == len(drawn)
    assert drawn == sorted(drawn)
    assert all(is_job_id(job_id) for job_id in drawn)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0197a3c0-0000-4000-8000-000000000001",
        "0197A3C0-0000-7000-8000-000000000001",
        "0197a3c0-0000-7000-c000-000000000001",
        "0197a3c0-0000-7000-8000-000000000001\n",
        " 0197a3c0-0000-7000-8000-000000000001",
        "../0197a3c0-0000-7000-8000-000000000001",
        "0197a3c0000070008000000000000001",
    ],
)
def test_what_is_no_job_id(text: str) -> None:
    assert not is_job_id(text)


def test_first_job_id_at_parts_older_from_younger() -> None:
    now = datetime.now(UTC)
    job_id = new_job_id()
    assert first_job_id_at(now - timedelta(seconds=1)) < job_id < first_job_id_at(now + timedelta(minutes=1))
    assert is_job_id(first_job_id_at(now))


def test_slots_are_stable() -> None:
    assert SLOTS == 64
    assert slot_of("0197a3c0-0000-7000-8000-000000000001") == 16
    assert slot_of("0197a3c0-0000-7000-8000-000000000002") == 42


def test_slots_are_evenly_filled() -> None:
    filled = Counter(slot_of(new_job_id()) for _ in range(6400))
    assert set(filled) == set(range(SLOTS))
    assert max(filled.values()) < 200


def test_user_hash_ignores_case_and_is_stable() -> None:
    assert user_hash("Ada@Example.org") == user_hash("ada@example.org") == HASH_OF_ADA
    assert user_hash("bob@example.org") != HASH_OF_ADA


def test_tokens_are_sixteen_hex_digits_and_differ() -> None:
    drawn = {new_token() for _ in range(100)}
    assert len(drawn) == 100
    assert all(len(token) == 16 and int(token, 16) >= 0 for token in drawn)


def test_the_moment_of_a_job_id() -> None:
    moment = datetime(2026, 1, 31, 12, 0, 0, 123000, tzinfo=UTC)
    assert moment_of(first_job_id_at(moment)) == moment
    assert abs(moment_of(new_job_id()) - datetime.now(UTC)) < timedelta(minutes=1)
    assert moment_of("ffffffff-ffff-7fff-bfff-ffffffffffff").year > 5000
