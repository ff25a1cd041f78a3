"""The rules that every history must keep, whatever went wrong in it. Each takes what concerns one job, and its marker.

An AssertionError says which rule was broken, and where in the history.
"""

from __future__ import annotations

from collections.abc import Callable

from actors.job.pacing import BURST, INTERVAL_S
from cluster import layout
from cluster.marker import Marker, Operation, decode_marker
from cluster.page_text import decode_result
from cluster.record import JobRecord, JobStatus, PageStatus, Tombstone, decode
from tests.actors.job.simulation.callback_rules import (
    callbacks_are_sent_of_what_stands,
    carried_out,
    no_callback_is_lost,
)
from tests.actors.job.simulation.history import Act, History, Reading, Request, Stopped
from tests.actors.job.simulation.loop import Process

RECOVERIES = 3


def judge(history: History, marker: Marker) -> None:
    own = history.about(marker)
    for rule in RULES:
        rule(own, marker)


def one_owner_writes_at_a_time(history: History, marker: Marker) -> None:
    """Epochs go up by one, each is one process's; revisions only rise; percent never falls within a run."""
    last: Act | None = None
    for act in history.writes(layout.record(marker.prefix)):
        assert last is None or act.record.revision > last.record.revision, f"{act.where}: a revision came again"
        if last is None or act.record.epoch != last.record.epoch:
            _is_claim(last, act)
        else:
            _is_save(last, act)
        last = act


def _is_claim(last: Act | None, act: Act) -> None:
    record = act.record
    before = last.record if last is not None else None
    assert not isinstance(before, Tombstone), f"{act.where}: a deleted job came back"
    assert isinstance(record, JobRecord), f"{act.where}: nobody had claimed what was deleted"
    assert record.epoch == (before.epoch if before else 0) + 1, f"{act.where}: epoch {record.epoch} is not the next"
    assert record.owner, f"{act.where}: a claim has an owner"
    if before is None:
        return
    afresh, deleting = record.run > before.run, record.status is JobStatus.DELETING
    assert not before.terminal or afresh or deleting, f"{act.where}: a job that had ended was claimed"
    assert afresh or record.percent >= before.percent, f"{act.where}: percent fell"
    expected = 0 if deleting else (0 if afresh else before.recoveries) + _blamed(before.owner, record.owner)
    assert record.recoveries == expected, f"{act.where}: recoveries {record.recoveries}, not {expected}"


def _blamed(lost: str, owner: str) -> bool:
    """The job may have taken its last owner down: it had one, in the same cluster."""
    return lost != "" and lost.partition("/")[0] == owner.partition("/")[0]


def _is_save(last: Act, act: Act) -> None:
    record, before = act.record, last.record
    assert act.request.process is last.request.process, f"{act.where}: two processes write epoch {record.epoch}"
    if isinstance(record, Tombstone):
        assert isinstance(before, Tombstone) or before.status is JobStatus.DELETING, f"{act.where}: nobody ordered it"
        return
    assert isinstance(before, JobRecord), f"{act.where}: a deleted job came back"
    assert record.owner in ("", before.owner), f"{act.where}: the owner changed within an epoch"
    assert before.owner != "" or record.owner == "", f"{act.where}: taken up again after it was let go"
    assert not before.terminal or record.terminal, f"{act.where}: it had ended"
    assert record.percent >= before.percent, f"{act.where}: percent fell"


def accepted_is_marked_until_it_has_ended(history: History, marker: Marker) -> None:
    """From acceptance on a marker or a terminal record stands; a marker goes when its order has been carried out."""
    marker_name, record_name = layout.marker(marker.job_id), layout.record(marker.prefix)
    standing: Marker | None = None
    record: JobRecord | Tombstone | None = None
    for act in history.acts:
        data = act.request.data
        if act.name == record_name and data is not None:
            record = act.record
        elif act.name == marker_name and data is not None:
            standing = decode_marker(data)
        elif act.name == marker_name and act.request.writes:
            assert standing is not None
            assert carried_out(standing, record), f"{act.where}: the order {standing.operation} was lost"
            standing = None
        if standing is None and record is not None:
            assert _ended(record), f"{act.where}: neither a marker nor an end"


def _ended(record: JobRecord | Tombstone) -> bool:
    return isinstance(record, Tombstone) or record.terminal


def stopped_actors_write_nothing(history: History, marker: Marker) -> None:
    """Once a JobActor has stopped (fenced or not), its process writes to this job only by a further claim.

    What a tombstone stands for may be cleared by everybody.
    """
    for stop in history.stops:
        if stop.job_id == marker.job_id:
            _writes_nothing(history, marker, stop)


def _writes_nothing(history: History, marker: Marker, stop: Stopped, *, but_the_marker: bool = False) -> None:
    record_name, marker_name = layout.record(marker.prefix), layout.marker(marker.job_id)
    seen = {act.generation for act in history.acts if _read_after(act, stop, marker_name)}
    buried_at = next((act.number for act in history.writes(record_name) if isinstance(act.record, Tombstone)), None)
    for request in history.requests:
        if request.process is not stop.process or request.number < stop.number or not request.writes:
            continue
        if buried_at is not None and request.number > buried_at:
            return
        if request.name == record_name:
            assert request.data is not None
            assert decode(request.data).epoch > stop.epoch, f"{_asked(request)}: a stopped JobActor saved"
            return  # claimed again: what follows is another JobActor's
        if request.name == marker_name:
            assert but_the_marker or request.if_generation in seen, (
                f"{_asked(request)}: a stopped JobActor touched the marker"
            )
        else:
            assert not request.name.startswith(marker.prefix), f"{_asked(request)}: a stopped JobActor wrote"


def _read_after(act: Act, stop: Stopped, name: str) -> bool:
    request = act.request
    return request.process is stop.process and request.number > stop.number and act.name == name


def who_reads_of_another_claim_stops(history: History, marker: Marker) -> None:
    """A process that has read a record of a later epoch than its own starts no write to the job but a further claim.

    (The marker of a job that has ended is removed by whoever finds it.)
    """
    record_name = layout.record(marker.prefix)
    claims = _claims(history, marker)
    for act in history.acts:
        if act.name != record_name or act.request.operation != "read" or act.request.answered is None:
            continue
        epoch = _epoch_before(claims, act)
        assert act.standing is not None
        found = decode(act.standing)
        if epoch and found.epoch > epoch and isinstance(found, JobRecord):
            stop = Stopped(act.request.answered, act.at, act.request.process, marker.job_id, epoch, fenced=True)
            _writes_nothing(history, marker, stop, but_the_marker=True)


def nobody_is_fenced_for_nothing(history: History, marker: Marker) -> None:
    """Who was fenced had lost the job to a later epoch, or to a tombstone."""
    writes = history.writes(layout.record(marker.prefix))
    for stop in history.stops:
        if stop.job_id == marker.job_id and stop.fenced:
            later = [act for act in writes if act.number < stop.number and act.record.epoch > stop.epoch]
            assert later, f"{stop.at:.3f} {stop.process}: fenced at epoch {stop.epoch}, and nobody had claimed"


def records_are_written_sparingly(history: History, marker: Marker) -> None:
    """Each owner asks for one write a second of the record, with a burst of three."""
    asked: dict[tuple[Process, int], list[float]] = {}
    for request in history.requests:
        if request.name == layout.record(marker.prefix) and request.data is not None:
            asked.setdefault((request.process, decode(request.data).epoch), []).append(request.at)
    for (process, epoch), times in asked.items():
        for first, start in enumerate(times):
            for last in range(first + BURST, len(times)):
                most = BURST + (times[last] - start) / INTERVAL_S + 0.01
                assert last - first + 1 <= most, f"{times[last]:.3f} {process}: too many writes in epoch {epoch}"


def nobody_gives_a_job_up(history: History, marker: Marker) -> None:
    """A process does not claim what it has claimed before and neither let go nor lost."""
    last: Act | None = None
    for act in history.writes(layout.record(marker.prefix)):
        record, before = act.record, last.record if last is not None else None
        if isinstance(record, JobRecord) and isinstance(before, JobRecord) and record.epoch > before.epoch:
            assert last is not None
            kept = before.owner != "" and last.request.process is act.request.process
            assert not kept, f"{act.where}: claimed its own job again"
        last = act


def _claims(history: History, marker: Marker) -> list[Act]:
    """The first write of every epoch."""
    claims: dict[int, Act] = {}
    for act in history.writes(layout.record(marker.prefix)):
        claims.setdefault(act.record.epoch, act)
    return list(claims.values())


def _epoch_before(claims: list[Act], act: Act | Reading) -> int:
    """The epoch of the last claim by the process of ``act`` before it; 0 where there is none."""
    process = act.request.process if isinstance(act, Act) else act.process
    own = [claim.record.epoch for claim in claims if claim.request.process is process and claim.number < act.number]
    return own[-1] if own else 0


def results_stand(history: History, marker: Marker) -> None:
    """A page's result is created once, and never replaced; it goes with its job alone."""
    deleting = False
    for act in history.acts:
        if act.name == layout.record(marker.prefix) and act.request.data is not None:
            record = act.record
            deleting = deleting or isinstance(record, Tombstone) or record.status is JobStatus.DELETING
        elif act.request.writes and layout.page_of_result(marker.prefix, act.name) is not None:
            removed = act.request.data is None
            assert removed or act.request.operation == "create", f"{act.where}: a page result was replaced"
            assert deleting or not removed, f"{act.where}: a page result was removed"


def no_finished_page_is_read_again(history: History, marker: Marker) -> None:
    """No page is asked of the engines whose result was stored before its asker's claim."""
    stored: dict[int, int] = {}
    for act in history.acts:
        page = layout.page_of_result(marker.prefix, act.name)
        if page is not None and act.request.data is not None:
            stored.setdefault(page, act.number)
    claims = _claims(history, marker)
    claimed_at = {claim.record.epoch: claim.number for claim in claims}
    for reading in history.readings:
        if reading.job_id == marker.job_id and reading.page in stored:
            where = f"{reading.at:.3f} {reading.process}"
            epoch = _epoch_before(claims, reading)
            assert epoch, f"{where}: page {reading.page} was read without a claim"
            assert stored[reading.page] > claimed_at[epoch], f"{where}: page {reading.page} was read again"


def living_owners_are_left_alone(history: History, marker: Marker) -> None:
    """Nobody takes a job from a host whose heartbeat moves. (Who stood still itself may have looked long ago.)"""
    last: Act | None = None
    for act in history.writes(layout.record(marker.prefix)):
        if last is not None and _is_robbery(last, act):
            before = last.record
            assert isinstance(before, JobRecord)
            asked = act.request.at
            beats = [beat.at for beat in history.writes(layout.heartbeat_of_owner(before.owner))]
            stood_still = any(who is act.request.process and to > asked - 60 for who, _, to in history.stalls)
            moved = any(asked - 40 <= beat <= asked - 28 for beat in beats)
            assert stood_still or not moved, f"{act.where}: took a job from {before.owner}, which lives"
        last = act


def _is_robbery(last: Act, act: Act) -> bool:
    """A claim of a job that its owner had not let go, and that is no earlier life of the claimer."""
    record, before = act.record, last.record
    if isinstance(record, Tombstone) or isinstance(before, Tombstone) or record.epoch == before.epoch:
        return False
    if before.owner == "":
        return False
    (place, life), (earlier_place, earlier_life) = _life(record.owner), _life(before.owner)
    return place != earlier_place or earlier_life > life


def _life(owner: str) -> tuple[str, int]:
    """Cluster and host name, and the incarnation, of an owner."""
    place, incarnation, _ = owner.rsplit("/", 2)
    return place, int(incarnation)


def every_job_has_ended(history: History, marker: Marker) -> None:
    """At the last: a terminal record, no marker, every page's result, its text and the outputs there."""
    assert layout.marker(marker.job_id) not in history.standing, "a marker is left"
    record = decode(history.standing[layout.record(marker.prefix)])
    orders = [decode_marker(act.request.data or b"") for act in history.writes(layout.marker(marker.job_id))]
    if isinstance(record, Tombstone):
        left = [name for name in history.standing if name.startswith(marker.prefix)]
        assert left == [layout.record(marker.prefix)], f"a deleted job left {left}"
        return
    assert not any(order.operation is Operation.DELETE for order in orders), "the deletion was lost"
    if record.status is JobStatus.FAILED:
        assert record.recoveries >= RECOVERIES, f"the job failed: {record.error}"
        return
    cancelled = any(order.operation is Operation.CANCEL for order in orders)
    assert record.status is JobStatus.COMPLETED or (cancelled and record.status is JobStatus.CANCELLED), record.status
    done = [number for number, page in record.pages.items() if page.status is PageStatus.COMPLETED]
    assert record.status is JobStatus.CANCELLED or len(done) == record.file_info.total_pages > 0, "a page is missing"
    for number in done:
        assert layout.page_result(marker.prefix, number) in history.standing, f"page {number} has no result"
        result = decode_result(history.standing[layout.page_result(marker.prefix, number)])
        text = history.standing[layout.page_text(marker.prefix, number)].decode()
        assert text == result.read.text, f"page {number}: its text is not that of its result"
        for output in record.outputs.values():
            assert text in history.standing[marker.prefix + output].decode(), f"page {number} is not in {output}"
    assert set(record.outputs) == ({"md", "txt"} if done else set()), record.outputs


Rule = Callable[[History, Marker], None]

RULES: tuple[Rule, ...] = (
    one_owner_writes_at_a_time,
    accepted_is_marked_until_it_has_ended,
    callbacks_are_sent_of_what_stands,
    no_callback_is_lost,
    stopped_actors_write_nothing,
    who_reads_of_another_claim_stops,
    nobody_is_fenced_for_nothing,
    nobody_gives_a_job_up,
    records_are_written_sparingly,
    results_stand,
    no_finished_page_is_read_again,
    living_owners_are_left_alone,
    every_job_has_ended,
)


def _asked(request: Request) -> str:
    return f"{request.at:.3f} {request.process} asks to {request.operation} {request.name}"
