"""What is true of every state, and of every step from one state to the next. Checked after every step in tests."""

from __future__ import annotations

from actors.job.state import JobState, Phase, Stage
from cluster.record import JobRecord, JobStatus, PageStatus

_UNFINISHED = (PageStatus.PENDING, PageStatus.PROCESSING)
_ENDED = (Phase.ENDING, Phase.SETTLING)
_DELETING = (Phase.DELETING, Phase.EMPTYING, Phase.BURYING)
_BURIED = (Phase.LINGERING, Phase.CLEARING, Phase.SETTLING)


def check(state: JobState) -> None:
    """AssertionError says which invariant does not hold."""
    if state.record is None:
        nameless = (Phase.UNCLAIMED, Phase.STOPPED, *_BURIED)
        assert state.phase in nameless, "only an unclaimed job, or one over a tombstone, has no record"
        assert not state.work, "there is no work without a record"
        return
    _check_record(state.record)
    _check_work(state)
    if state.phase in _ENDED:
        assert state.record.terminal, "an ending job has a terminal record"
        assert state.record.owner == "", "a terminal record has no owner"
        assert not state.outputs, "nothing is assembled after the end"
    elif state.phase is not Phase.STOPPED:
        assert not state.record.terminal, "a job that goes on has no terminal record"
    _check_deletion(state, state.record)


def _check_deletion(state: JobState, record: JobRecord) -> None:
    deleting = record.status is JobStatus.DELETING
    if state.phase not in (Phase.RELEASING, Phase.STOPPED):
        assert deleting == (state.phase in _DELETING), "the record says so exactly while the job is being deleted"
    assert state.phase not in (Phase.LINGERING, Phase.CLEARING), "over a tombstone there is no record"
    if deleting:
        assert not state.work, "a job that is being deleted has no work"
        assert not state.outputs, "a job that is being deleted has no outputs"
        assert not record.pages, "the record of a job that is being deleted has no content"


def _check_record(record: JobRecord) -> None:
    pages = record.pages.values()
    assert record.pages_completed == sum(p.status is PageStatus.COMPLETED for p in pages), "pages_completed counts"
    assert record.pages_failed == sum(p.status is PageStatus.FAILED for p in pages), "pages_failed counts"
    assert record.pages_extracted == sum(p.extracted for p in pages), "pages_extracted counts"
    assert not record.outputs.keys() & record.outputs_missing, "an output was either made or not"
    assert 0 <= record.percent <= 100, "percent is a percentage"
    if record.status in (JobStatus.COMPLETED, JobStatus.PARTIAL):
        assert record.percent == 100, "a finished job is at 100"
    elif record.status is not JobStatus.DELETING:
        assert record.percent < 100, "only a finished job is at 100"
    if record.terminal:
        assert not any(p.status in _UNFINISHED for p in pages), "a terminal record has no unfinished page"
    for page in pages:
        assert (page.result_file is not None) == (page.status is PageStatus.COMPLETED), "a result, if completed"
        assert (page.error is not None) == (page.status is PageStatus.FAILED), "an error, if failed"


def _check_work(state: JobState) -> None:
    assert state.in_flight <= state.policy.window, "the window bounds the pages in flight"
    waiting = {n for n, work in state.work.items() if work.stage is Stage.WAITING}
    assert waiting == set(state.again), "pages to be tried again wait"
    assert len(state.again) == len(set(state.again)), "no page waits twice"
    untouched = set(state.todo[state.cursor :])
    assert not untouched & set(state.work), "a page is either untouched or in work"
    if state.phase is Phase.READING:
        unfinished = {n for n, page in state.job.pages.items() if page.status in _UNFINISHED}
        assert unfinished == untouched | set(state.work), "every unfinished page will be read, once"
        assert not (state.again and state.in_flight < state.policy.window), "no page waits while there is room"


def check_step(before: JobState, after: JobState) -> None:
    """What never goes back within a run, and that nothing comes back from a deletion."""
    if before.phase in _BURIED and before.record is None:
        assert after.record is None, "a tombstone stays"
    if before.record is None or after.record is None or before.record.run != after.record.run:
        return
    old, new = before.record, after.record
    if old.status is JobStatus.DELETING:
        assert new.status is JobStatus.DELETING, "what is being deleted does not come back"
    if new.status is JobStatus.DELETING:
        return
    assert new.percent >= old.percent, "percent never falls within a run"
    for number, page in old.pages.items():
        if page.status is PageStatus.COMPLETED:
            assert new.pages[number] == page, "a finished page is never touched again"
        if page.status in (PageStatus.FAILED, PageStatus.SKIPPED):
            assert new.pages[number].status is page.status, "a failed or skipped page stays so within a run"
    if before.phase in _ENDED:
        assert new == old, "a terminal record does not change"
