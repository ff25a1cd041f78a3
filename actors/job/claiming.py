"""Claiming: what a fresh owner makes of the record it found, and the opening of the document."""

from __future__ import annotations

from dataclasses import replace

from actors.job import deletion, ending, reading
from actors.job.effects import Effect, OpenDocument, SaveRecord
from actors.job.events import CancelRequested, DocumentOpened, DocumentRefused, JobClaimed, OpeningLost
from actors.job.progress import OPENED
from actors.job.state import JobState, Phase
from cluster.errors import DocumentDamaged, RecoveryFailed
from cluster.marker import Marker, Operation
from cluster.record import ErrorInfo, JobRecord, JobStatus, PageRecord, PageStatus, Step

Outcome = tuple[JobState, list[Effect]]

RECOVERIES = 3
"""A job that was claimed so often without having moved in between is taking its hosts down."""


def claimed(state: JobState, event: JobClaimed, now: str) -> Outcome:
    record = event.record
    if record.status is JobStatus.DELETING:
        return deletion.claimed(state, record)
    state = replace(state, record=record, found=event.results)
    if record.pages:
        state = _take_stock(state, now)
        record = state.job
    if record.recoveries >= RECOVERIES:
        return ending.fail(state, ErrorInfo(RecoveryFailed.code, RecoveryFailed().detail), now)
    if event.cancelled:
        state = replace(state, phase=Phase.READING)
        return ending.cancel(state, CancelRequested(), now)
    if record.pages:
        return reading.advance(replace(state, phase=Phase.READING), [], now)
    record = replace(
        record,
        status=JobStatus.EXTRACTING,
        current_step=Step.EXTRACTING_IMAGES,
        message="Opening the document.",
        updated_at=now,
    )
    state = replace(state, record=record, phase=Phase.OPENING, opening_attempt=1)
    return state, [OpenDocument(record.run, 1), SaveRecord()]


def taken_up(record: JobRecord, marker: Marker, *, blamed: bool) -> JobRecord:
    """The record as it is written by its claim: in the run that the marker orders, or being deleted.

    So no record has an owner whose job has ended. blamed: the job may have taken its last owner down.
    """
    if marker.operation is Operation.DELETE or record.status is JobStatus.DELETING:
        return deletion.condemned(record)
    record = open_run(record, marker.run)
    return replace(record, recoveries=record.recoveries + blamed)


def open_run(record: JobRecord, run: int) -> JobRecord:
    """The record as a retry opens it: finished pages stay, all others start afresh. A run it is in already stays.

    A failed job is opened afresh as a whole: which pages its document has is asked again.
    """
    if run <= record.run:
        return record
    failed = record.status is JobStatus.FAILED
    pages = {} if failed else {n: _afresh(page) for n, page in record.pages.items()}
    return replace(
        record,
        run=run,
        status=JobStatus.EXTRACTING,
        current_step=Step.EXTRACTING_IMAGES,
        message="Accepted again; waiting to start.",
        percent=0,
        recoveries=0,
        pages=pages,
        outputs={},
        outputs_missing={},
        pages_extracted=sum(page.extracted for page in pages.values()),
        pages_completed=sum(page.status is PageStatus.COMPLETED for page in pages.values()),
        pages_failed=0,
        error=None,
    )


def _afresh(page: PageRecord) -> PageRecord:
    if page.status is PageStatus.COMPLETED:
        return page
    return PageRecord(image=page.image, image_extracted_at=page.image_extracted_at)


def _take_stock(state: JobState, now: str, *, opened: bool = False) -> JobState:
    """Results found in the store are finished pages, whatever the record says; counters follow the pages.

    opened: the record has only now been told of its pages, so an earlier run may have completed them.
    """
    job = state.job
    pages = dict(job.pages)
    moved = False
    for number, summary in state.found.items():
        if number in pages and pages[number].status is not PageStatus.COMPLETED:
            run = min(summary.run, job.run) if opened else job.run
            pages[number] = reading.completed_page(pages[number], number, summary, now, run)
            moved = True
    unfinished = (PageStatus.PENDING, PageStatus.PROCESSING)
    completed = sum(page.status is PageStatus.COMPLETED for page in pages.values())
    failed = sum(page.status is PageStatus.FAILED for page in pages.values())
    extracted = sum(page.extracted or page.status not in unfinished for page in pages.values())
    job = replace(
        job,
        pages=pages,
        pages_extracted=sum(page.extracted for page in pages.values()),
        pages_completed=completed,
        pages_failed=failed,
        recoveries=min(job.recoveries, 1) if moved else job.recoveries,  # only the last owner got nowhere since
    )
    return replace(
        state,
        record=job,
        todo=tuple(sorted(n for n, page in pages.items() if page.status in unfinished)),
        extracted=extracted,
        engine_started=any(page.processing_started_at is not None for page in pages.values()),
    )


def opened(state: JobState, event: DocumentOpened, now: str) -> Outcome:
    if event.attempt != state.opening_attempt:
        return state, []
    file_info = replace(state.job.file_info, total_pages=event.total_pages)
    if (file := event.fetched) is not None:
        file_info = replace(file_info, raw_file=file.raw_file, file_type=file.file_type, file_size=file.file_size)
    job = replace(
        state.job,
        file_info=file_info,
        pages={number: PageRecord() for number in event.pages},
        percent=max(state.job.percent, OPENED),
        recoveries=0,
    )
    # The last owner may have stored results, and died before it had stored which pages there are.
    state = _take_stock(replace(state, record=job, phase=Phase.READING), now, opened=True)
    return reading.advance(state, [], now)


def refused(state: JobState, event: DocumentRefused, now: str) -> Outcome:
    if event.attempt != state.opening_attempt:
        return state, []
    return ending.fail(state, event.error, now)


def opening_lost(state: JobState, event: OpeningLost, now: str) -> Outcome:
    """A document whose opening takes its Renderer down twice is damaged; an announced loss is not its fault."""
    if event.attempt != state.opening_attempt:
        return state, []
    lost = state.openings_lost + (not event.announced)
    if lost >= state.policy.openings:
        detail = "Opening the document ended its process, or took too long, twice."
        return ending.fail(state, ErrorInfo(DocumentDamaged.code, detail), now)
    attempt = state.opening_attempt + 1
    return replace(state, openings_lost=lost, opening_attempt=attempt), [OpenDocument(state.job.run, attempt)]
