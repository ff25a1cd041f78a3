"""Reading: the policy of pages, from the window in which they are in flight to what becomes of their failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from actors.job import ending
from actors.job.effects import Effect, RecognizePage, RenderPage, SaveRecord, SaveResult
from actors.job.events import (
    PageExtracted,
    PageFailed,
    PageRecognized,
    PageRendered,
    ReplicaLost,
    ResultSaved,
    ResultSummary,
)
from actors.job.progress import reading_message, reading_percent, reading_step
from actors.job.state import JobState, PageWork, Phase, Stage
from cluster.errors import PAGE_ERRORS, EngineCrashed, EngineFailed, PageError, RenderCrashed, Retry
from cluster.layout import page_result_file
from cluster.record import EMBEDDED, ErrorInfo, JobStatus, PageRecord, PageStatus

Outcome = tuple[JobState, list[Effect]]


def rendered(state: JobState, event: PageRendered, now: str) -> Outcome:
    work = _current(state, event.page, event.attempt, Stage.RENDERING)
    if work is None:
        return state, []
    before = state.job.pages[event.page]
    page = replace(before, image=event.image, image_extracted_at=now, source=None)
    state = _with_page(state, event.page, page, extracted=int(not before.extracted))
    state, effects = _recognize(state, event.page, replace(work, rendered=True), event.image, now)
    return advance(state, effects, now)


def text_extracted(state: JobState, event: PageExtracted, now: str) -> Outcome:
    """The page is read already; it only has to be stored."""
    work = _current(state, event.page, event.attempt, Stage.RENDERING)
    if work is None:
        return state, []
    before = state.job.pages[event.page]
    page = replace(_being_read(before, work, now), source=EMBEDDED)
    if event.image is not None:
        page = replace(page, image=event.image, image_extracted_at=now)
    state = _with_page(state, event.page, page, extracted=int(not before.extracted))
    state = _with_work(replace(state, engine_started=True), event.page, replace(work, stage=Stage.SAVING))
    return advance(state, [SaveResult(state.job.run, event.page, event.attempt)], now)


def recognized(state: JobState, event: PageRecognized, now: str) -> Outcome:
    work = _current(state, event.page, event.attempt, Stage.READING)
    if work is None:
        return state, []
    state = _with_work(state, event.page, replace(work, stage=Stage.SAVING))
    return state, [SaveResult(state.job.run, event.page, event.attempt, work.reason)]


def result_saved(state: JobState, event: ResultSaved, now: str) -> Outcome:
    work = _current(state, event.page, event.attempt, Stage.SAVING)
    if work is None:
        return state, []
    page = completed_page(state.job.pages[event.page], event.page, event.summary, now, state.job.run)
    state = _without_work(state, event.page)
    state = _with_page(state, event.page, page, completed=1)
    return advance(replace(state, record=replace(state.job, recoveries=0)), [], now)


def failed(state: JobState, event: PageFailed, now: str) -> Outcome:
    work = _current(state, event.page, event.attempt, Stage.RENDERING, Stage.READING)
    if work is None:
        return state, []
    cls = PAGE_ERRORS.get(event.error.code, EngineFailed)
    return _after_failure(state, event.page, work, cls, event.error, now, gave_up=event.gave_up)


def replica_lost(state: JobState, event: ReplicaLost, now: str) -> Outcome:
    work = _current(state, event.page, event.attempt, Stage.RENDERING, Stage.READING)
    if work is None:
        return state, []
    if event.announced:
        return advance(_again(state, event.page, replace(work, free=work.free + 1)), [], now)
    cls: type[PageError] = RenderCrashed if work.stage is Stage.RENDERING else EngineCrashed
    return _after_failure(state, event.page, work, cls, ErrorInfo(cls.code, cls().detail), now)


def _after_failure(
    state: JobState,
    number: int,
    work: PageWork,
    cls: type[PageError],
    error: ErrorInfo,
    now: str,
    *,
    gave_up: bool = False,
) -> Outcome:
    """Tried again, alone or in company, by the next engine, or failed for good: the error's class decides."""
    deaths = work.deaths + (cls.retry is Retry.DEATH)
    alone = work.alone or cls.retry in (Retry.ALONE, Retry.DEATH)
    spent = work.attempt - work.free - work.before >= state.policy.attempts or deaths >= state.policy.deaths
    if cls.retry is not Retry.NEVER and not spent and not gave_up:
        return advance(_again(state, number, replace(work, deaths=deaths, alone=alone)), [], now)
    if work.stage is Stage.READING and work.engine + 1 < len(state.engines):
        return advance(_again(state, number, _handed_on(state, work, error)), [], now)
    before = state.job.pages[number]
    extracted = int(work.stage is Stage.RENDERING and not before.extracted)
    page = replace(
        before,
        status=PageStatus.FAILED,
        processing_completed_at=now,
        error=error,
        attempts=work.attempt - work.free,
    )
    state = _with_page(_without_work(state, number), number, page, extracted=extracted, failed=1)
    return advance(state, [], now)


def _handed_on(state: JobState, work: PageWork, error: ErrorInfo) -> PageWork:
    """To the next engine, with as many attempts as the first had."""
    story = f"{state.engines[work.engine]}: {error.code}, {error.message}"
    return replace(
        work,
        engine=work.engine + 1,
        before=work.attempt - work.free,
        deaths=0,
        alone=False,
        reason=story if work.reason is None else f"{work.reason}; {story}",
    )


def advance(state: JobState, effects: list[Effect], now: str) -> Outcome:
    """Fills the window, brings the record's summary up to date, and ends the reading when nothing is left of it."""
    state, started = _fill_window(state, now)
    effects = [*effects, *started]
    job = state.job
    read = job.pages_completed + job.pages_failed
    if not state.cancelled:
        state = replace(
            state,
            record=replace(
                job,
                status=JobStatus.PROCESSING if state.engine_started else JobStatus.EXTRACTING,
                current_step=reading_step(state.extracted, len(job.pages), state.engine_started),
                message=reading_message(job.pages_extracted, job.pages_completed, job.pages_failed, len(job.pages)),
                percent=max(job.percent, reading_percent(state.extracted, read, len(job.pages))),
                updated_at=now,
            ),
        )
    if state.reading_done:
        state, ended = ending.assemble(state, now)
        return state, [*effects, *ended]
    return state, [*effects, SaveRecord()]


def completed_page(page: PageRecord, number: int, summary: ResultSummary, now: str, run: int) -> PageRecord:
    return replace(
        page,
        status=PageStatus.COMPLETED,
        image=page.image or summary.image,
        processing_completed_at=now,
        result_file=page_result_file(number),
        error=None,
        source=summary.source,
        engine=summary.engine,
        engine_version=summary.engine_version,
        attempts=max(page.attempts, 1) + summary.attempts - 1,
        reason=summary.reason,
        confidence=summary.confidence,
        rotation=summary.rotation,
        duration_ms=summary.duration_ms,
        run=run,
        skew=summary.skew,
        layout=summary.layout,
        layout_ms=summary.layout_ms,
    )


def _fill_window(state: JobState, now: str) -> Outcome:
    effects: list[Effect] = []
    if state.phase is not Phase.READING or state.cancelled:
        return state, effects
    while state.in_flight < state.policy.window:
        if state.again:
            number = state.again[0]
            work = state.work[number]
            state = replace(state, again=state.again[1:])
        elif state.cursor < len(state.todo):
            number = state.todo[state.cursor]
            work = PageWork(Stage.WAITING, state.job.pages[number].attempts)
            state = replace(state, cursor=state.cursor + 1)
        else:
            break
        state, started = _start(state, number, replace(work, attempt=work.attempt + 1), now)
        effects += started
    return state, effects


def _start(state: JobState, number: int, work: PageWork, now: str) -> Outcome:
    """A page that this owner has rendered is not rendered again."""
    image = state.job.pages[number].image
    if work.rendered and image is not None:
        return _recognize(state, number, work, image, now)
    state = _with_work(state, number, replace(work, stage=Stage.RENDERING))
    return state, [RenderPage(state.job.run, number, work.attempt, work.alone)]


def _recognize(state: JobState, number: int, work: PageWork, image: str, now: str) -> Outcome:
    state = _with_page(state, number, _being_read(state.job.pages[number], work, now))
    state = _with_work(state, number, replace(work, stage=Stage.READING))
    state = replace(state, engine_started=True)
    engine = state.engines[work.engine] if state.engines else ""
    return state, [RecognizePage(state.job.run, number, work.attempt, image, work.alone, engine)]


def _being_read(page: PageRecord, work: PageWork, now: str) -> PageRecord:
    attempts = work.attempt - work.free
    return replace(page, status=PageStatus.PROCESSING, processing_started_at=now, attempts=attempts)


def _again(state: JobState, number: int, work: PageWork) -> JobState:
    state = _with_work(state, number, replace(work, stage=Stage.WAITING))
    return replace(state, again=(*state.again, number))


def _current(state: JobState, number: int, attempt: int, *stages: Stage) -> PageWork | None:
    """The page's work if the event is about its present attempt, else None: the event came late or twice."""
    work = state.work.get(number)
    return work if work is not None and work.attempt == attempt and work.stage in stages else None


def _with_work(state: JobState, number: int, work: PageWork) -> JobState:
    return replace(state, work={**state.work, number: work})


def _without_work(state: JobState, number: int) -> JobState:
    return replace(state, work={page: work for page, work in state.work.items() if page != number})


def _with_page(
    state: JobState, number: int, page: PageRecord, *, extracted: int = 0, completed: int = 0, failed: int = 0
) -> JobState:
    job = state.job
    pages: Mapping[int, PageRecord] = {**job.pages, number: page}
    newly = int(page.extracted) - int(job.pages[number].extracted)
    record = replace(
        job,
        pages=pages,
        pages_extracted=job.pages_extracted + newly,
        pages_completed=job.pages_completed + completed,
        pages_failed=job.pages_failed + failed,
    )
    return replace(state, record=record, extracted=state.extracted + extracted)
