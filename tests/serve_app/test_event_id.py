"""Ids of events: spelling, what is none, and what is left of one in the next run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.errors import OptionInvalid
from cluster.record import PageRecord, PageStatus
from serve_app.event_id import EventId, parse_event_id
from serve_app.page_set import page_set
from tests.serve_app.builders import ended, job_record
from tests.serve_app.stream_jobs import DONE


@given(st.integers(1, 999_999_999), st.sets(st.integers(1, 2000)))
def test_what_is_spelled_is_read(run: int, pages: set[int]) -> None:
    assert parse_event_id(str(EventId(run, page_set(pages)))) == EventId(run, page_set(pages))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1",
            ":",
            "x",
            "1:x",
            "0:1",
            "1:0",
            "01:1",
            "1:1-",
            "1:1,",
            "1:,1",
            "1:3-1",
            "1:2,1",
            "1:1,1",
            "1:1 ",
            " 1:1",
        ),
        *("-1:1", "1:1;2", "1:1-2-3", "1:100000", "1234567890:1", "1:\u0661", "1:1\x00", "1-4", "9" * 5000),
    ],
)
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(OptionInvalid, match="allowed is the id of an event of this job, such as `1:1-3,7`") as raised:
        parse_event_id(text)
    assert text[:40] in raised.value.detail
    assert len(raised.value.detail) < 250


def test_which_ids_a_job_may_have_given_out() -> None:
    record = job_record(run=2)
    assert parse_event_id("2:1-3").fits(record)
    assert parse_event_id("1:1-9").fits(record), "the pages of an earlier run may have been others"
    assert not parse_event_id("2:1-4").fits(record)
    assert not parse_event_id("3:").fits(record)
    assert parse_event_id("2:1").fits(replace(record, pages={})), "its pages were not saved yet"
    assert not parse_event_id("2:1").fits(ended(replace(record, pages={})))


def test_a_retry_delivers_what_was_not_completed_once_more() -> None:
    pages = {
        1: DONE,
        2: replace(DONE, run=2),  # failed in the first run, completed in the second
        3: PageRecord(),  # failed in the first run, still to be read
        4: PageRecord(PageStatus.FAILED),  # failed again
        5: replace(DONE, run=None),  # by a version that did not say
        6: DONE,  # never delivered
    }
    record = job_record(run=2, pages=pages)
    assert str(parse_event_id("1:1-5").carried(record)) == "2:1,5"
    assert str(parse_event_id("1:1-5").carried(replace(record, pages={}))) == "1:1-5", "not before the pages are known"
    assert str(parse_event_id("2:1-5").carried(record)) == "2:1-5"
    later = replace(record, run=4, pages={**pages, 3: replace(DONE, run=3)})
    assert str(parse_event_id("2:1-5").carried(later)) == "4:1-2,5"
    assert str(parse_event_id("1:1-5").carried(later)) == "4:1,5", "also over several runs"
