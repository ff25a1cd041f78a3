"""Ending: outputs assembled, the terminal record stored, the marker settled; and the other ways a job is left."""

from __future__ import annotations

from dataclasses import replace

from actors.job.effects import AssembleOutputs, DropWork, Effect, SaveKind, SaveRecord, SettleMarker, Stop
from actors.job.events import (
    CancelRequested,
    DrainRequested,
    Event,
    MarkerSettled,
    OutputAssembled,
    OutputFailed,
    OwnerFenced,
    ReleaseSaved,
    TerminalSaved,
)
from actors.job.progress import DONE, assembling_percent, end_message
from actors.job.state import JobState, PageWork, Phase, Stage
from cluster.errors import OcrFailed
from cluster.record import ErrorInfo, JobRecord, JobStatus, PageRecord, PageStatus, Step

Outcome = tuple[JobState, list[Effect]]


def assemble(state: JobState, now: str) -> Outcome:
    """Every page has ended. What was read becomes the outputs; where nothing was, the job ends at once."""
    job = state.job
    if not any(page.status is PageStatus.COMPLETED for page in job.pages.values()):
        return finish(state, now)
    if not state.cancelled:
        job = replace(
            job,
            status=JobStatus.PROCESSING,
            current_step=Step.ASSEMBLING,
            message="Assembling the results.",
            percent=max(job.percent, assembling_percent(0, len(state.policy.formats))),
            updated_at=now,
        )
    job = replace(job, outputs_missing={})  # an earlier owner's; every format is tried again
    outputs = dict.fromkeys(state.policy.formats, 1)
    state = replace(state, record=job, phase=Phase.ASSEMBLING, outputs=outputs)
    return state, [_assembly(job, tuple(outputs.items())), SaveRecord()]


def _assembly(job: JobRecord, formats: tuple[tuple[str, int], ...]) -> AssembleOutputs:
    pages = sorted(job.pages.items())
    done = tuple(n for n, page in pages if page.status is PageStatus.COMPLETED)
    failed = tuple((n, page.error) for n, page in pages if page.error is not None)
    return AssembleOutputs(job.run, formats, done, failed)


def output_assembled(state: JobState, event: OutputAssembled, now: str) -> Outcome:
    if state.outputs.get(event.format) != event.attempt:
        return state, []
    job = replace(state.job, outputs={**state.job.outputs, event.format: event.file}, updated_at=now)
    return _output_ended(replace(state, record=job), event.format, now)


def output_failed(state: JobState, event: OutputFailed, now: str) -> Outcome:
    if state.outputs.get(event.format) != event.attempt:
        return state, []
    if event.final or event.attempt >= state.policy.output_attempts:
        return _output_ended(_without_output(state, event, now), event.format, now)
    state = replace(state, outputs={**state.outputs, event.format: event.attempt + 1})
    return state, [_assembly(state.job, ((event.format, event.attempt + 1),))]


def _without_output(state: JobState, event: OutputFailed, now: str) -> JobState:
    """What an earlier owner made of the same pages stands."""
    if event.format in state.job.outputs:
        return state
    missing = {**state.job.outputs_missing, event.format: event.reason}
    return replace(state, record=replace(state.job, outputs_missing=missing, updated_at=now))


def _output_ended(state: JobState, name: str, now: str) -> Outcome:
    left = {format_: attempt for format_, attempt in state.outputs.items() if format_ != name}
    state = replace(state, outputs=left)
    if not left:
        return finish(state, now)
    if state.cancelled:
        return state, []
    total = len(state.policy.formats)
    percent = max(state.job.percent, assembling_percent(total - len(left), total))
    return replace(state, record=replace(state.job, percent=percent)), [SaveRecord()]


def finish(state: JobState, now: str) -> Outcome:
    """The job ends by its pages."""
    job = state.job
    skipped = sum(page.status is PageStatus.SKIPPED for page in job.pages.values())
    message = end_message(job.pages_completed, job.pages_failed, skipped)
    if state.cancelled:
        ended = replace(job, status=JobStatus.CANCELLED, current_step=Step.CANCELLED, message=f"Cancelled. {message}")
    elif job.pages_completed == 0:
        error = ErrorInfo(OcrFailed.code, OcrFailed().detail)
        ended = replace(job, status=JobStatus.FAILED, current_step=Step.OCR_FAILED, message=error.message, error=error)
    else:
        status = JobStatus.PARTIAL if job.pages_failed else JobStatus.COMPLETED
        ended = replace(job, status=status, current_step=Step.COMPLETED, message=message, percent=DONE)
    return _end(state, ended, now)


def fail(state: JobState, error: ErrorInfo, now: str) -> Outcome:
    """The document can't be read, or takes hosts down: the job fails as a whole, and skips what pages were to come."""
    ended = replace(
        state.job,
        status=JobStatus.FAILED,
        pages={n: _skip(page) for n, page in state.job.pages.items()},
        current_step=Step.EXTRACTION_FAILED,
        message=error.message,
        error=error,
    )
    return _end(state, ended, now)


def _end(state: JobState, record: JobRecord, now: str) -> Outcome:
    record = replace(record, updated_at=now, owner="")
    return replace(state, record=record, phase=Phase.ENDING), [SaveRecord(SaveKind.TERMINAL)]


def cancel(state: JobState, event: CancelRequested, now: str) -> Outcome:
    """Pages not read yet are skipped; those whose text is being stored are waited for."""
    if state.cancelled:
        return state, []
    kept: dict[int, PageWork] = {n: work for n, work in state.work.items() if work.stage is Stage.SAVING}
    pages = {n: _skip(page) if n not in kept else page for n, page in state.job.pages.items()}
    job = replace(
        state.job,
        pages=pages,
        current_step=Step.CANCELLED,
        message="Cancelling: what was read is kept.",
        updated_at=now,
    )
    state = replace(state, record=job, cancelled=True, work=kept, again=(), todo=(), cursor=0)
    effects: list[Effect] = [DropWork(), SaveRecord(SaveKind.URGENT)]
    if state.phase is Phase.ASSEMBLING:
        return state, effects
    if state.reading_done:
        state, ended = assemble(state, now)
        return state, [*effects, *ended]
    return state, effects


def _skip(page: PageRecord) -> PageRecord:
    unfinished = page.status in (PageStatus.PENDING, PageStatus.PROCESSING)
    return replace(page, status=PageStatus.SKIPPED) if unfinished else page


def drain(state: JobState, event: DrainRequested, now: str) -> Outcome:
    """The host goes. Work in flight is dropped; what it still stores is found by the next owner."""
    state = replace(state, record=replace(state.job, owner="", updated_at=now), phase=Phase.RELEASING)
    return state, [DropWork(), SaveRecord(SaveKind.RELEASE)]


def terminal_saved(state: JobState, event: TerminalSaved, now: str) -> Outcome:
    return replace(state, phase=Phase.SETTLING), [SettleMarker()]


def stop(state: JobState, event: MarkerSettled | ReleaseSaved, now: str) -> Outcome:
    return replace(state, phase=Phase.STOPPED), [Stop()]


def fenced(state: JobState, event: OwnerFenced, now: str) -> Outcome:
    return replace(state, phase=Phase.STOPPED), [DropWork(everything=True), Stop()]


def ignore(state: JobState, event: Event, now: str) -> Outcome:
    """A fact that came too late to matter."""
    return state, []
