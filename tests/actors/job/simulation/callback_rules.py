"""The rules about callbacks that every history must keep: none is lost, and none is sent of a deleted job."""

from __future__ import annotations

from actors.job.courier import CHECK_S
from cluster import layout
from cluster.marker import Marker, Operation, decode_marker
from cluster.record import JobRecord, JobStatus, Tombstone
from tests.actors.job.simulation.history import Act, History, Post


def callbacks_are_sent_of_what_stands(history: History, marker: Marker) -> None:
    """What is sent is the run's terminal record as stored, while its marker says that it is due; and nothing once a
    deletion is durable, but for what was looked up just before by another process than the one that deletes."""
    record_name, marker_name = layout.record(marker.prefix), layout.marker(marker.job_id)
    writes = history.writes(record_name)
    gone = next((act for act in writes if _is_gone(act.record)), None)
    for post in history.posts:
        where = f"{post.at:.3f} {post.process}"
        stored = [act.record for act in writes if act.number < post.number and act.request.data == post.record]
        assert stored, f"{where}: what was never stored is sent"
        assert isinstance(stored[0], JobRecord), f"{where}: a tombstone is sent"
        assert stored[0].terminal, f"{where}: a job is sent that has not ended"
        assert stored[0].run == post.run, f"{where}: it is sent as another run"
        looks = [act for act in history.acts if act.request.process is post.process and act.name == marker_name]
        due = [
            act for act in looks if act.number < post.number and post.at - CHECK_S <= act.at and _says_due(act, post)
        ]
        assert due, f"{where}: nobody looked whether the callback is due"
        if gone is not None and post.number > gone.number:
            assert post.at - gone.at <= CHECK_S, f"{where}: a deleted job is sent"
            assert post.process is not gone.request.process, f"{where}: a job is sent by who has deleted it"


def _is_gone(record: JobRecord | Tombstone) -> bool:
    return isinstance(record, Tombstone) or record.status is JobStatus.DELETING


def _says_due(act: Act, post: Post) -> bool:
    if act.request.writes or act.standing is None:
        return False
    standing = decode_marker(act.standing)
    return (standing.operation, standing.run) == (Operation.CALLBACK, post.run)


def no_callback_is_lost(history: History, marker: Marker) -> None:
    """A job that asked for a callback keeps its marker until the callback of its run was taken, or the job is deleted;
    and the marker says that it is due once the order before it is carried out."""
    if marker.job_options.callback_url is None:
        assert not history.posts, "nobody asked for a callback"
        return
    marker_name, record_name = layout.marker(marker.job_id), layout.record(marker.prefix)
    standing: Marker | None = None
    record: JobRecord | Tombstone | None = None
    for act in history.acts:
        data = act.request.data
        if act.name == record_name and data is not None:
            record = act.record
        elif act.name == marker_name and data is not None:
            before, standing = standing, decode_marker(data)
            if standing.operation is Operation.CALLBACK:
                assert before is not None, f"{act.where}: a callback came due of itself"
                assert carried_out(before, record), f"{act.where}: the order {before.operation} was lost"
                assert standing.password is None, f"{act.where}: the password is kept"
        elif act.name == marker_name and act.request.writes and isinstance(record, JobRecord):
            taken = [post.taken for post in history.posts if post.run == record.run and post.taken is not None]
            assert any(number < act.number for number in taken), f"{act.where}: a callback was lost"


def carried_out(order: Marker, record: JobRecord | Tombstone | None) -> bool:
    if isinstance(record, Tombstone):
        return True
    return (
        order.operation is not Operation.DELETE and record is not None and record.terminal and order.run <= record.run
    )
