"""Callbacks come in the order of their time, receivers in turn; what is active is bounded, in all and for each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actors.job.callback import Callback
from actors.job.callback_queue import CallbackQueue


def callback(number: int, receiver: str = "a.example", generation: int = 1) -> Callback:
    return Callback(f"job-{number}", "p/", f"https://{receiver}/x", 1, "", generation)


def taken(queue: CallbackQueue, now: float) -> list[str]:
    return [callback.job_id for callback in queue.take(now)]


def test_each_comes_when_its_time_has_come() -> None:
    queue = CallbackQueue()
    for number, at in ((1, 5.0), (2, 1.0), (3, 9.0)):
        queue.add(callback(number), at)
    assert queue.next_at() == 1.0
    assert taken(queue, 0.5) == []
    assert taken(queue, 5.0) == ["job-2", "job-1"]
    assert (queue.next_at(), len(queue)) == (9.0, 3)
    assert taken(queue, 5.0) == []


def test_a_slow_receiver_holds_up_its_own_alone() -> None:
    queue = CallbackQueue(most=6, most_each=2)
    for number in range(10):
        queue.add(callback(number, "slow.example"), 0)
    queue.add(callback(10, "b.example"), 0)
    queue.add(callback(11, "c.example"), 0)
    assert taken(queue, 0) == ["job-0", "job-10", "job-11", "job-1"]
    queue.add(callback(12, "b.example"), 0)
    assert taken(queue, 0) == ["job-12"]
    queue.again("job-0", 30, tried=True)
    assert taken(queue, 0) == ["job-2"]


def test_no_more_than_so_many_at_once() -> None:
    queue = CallbackQueue(most=3, most_each=2)
    for number in range(6):
        queue.add(callback(number, f"{number % 3}.example"), 0)
    assert len(taken(queue, 0)) == 3
    queue.remove("job-0")
    assert taken(queue, 0) == ["job-3"]


def test_attempts_are_counted_and_a_new_callback_begins_anew() -> None:
    queue = CallbackQueue()
    queue.add(callback(1), 0)
    queue.take(0)
    queue.again("job-1", 5, tried=True)
    queue.take(5)
    queue.again("job-1", 6, tried=False)
    due = queue.get("job-1")
    assert due is not None
    assert due.attempts == 1
    queue.add(callback(1, generation=2), 7)
    due = queue.get("job-1")
    assert due is not None
    assert (due.attempts, due.callback.generation, len(queue)) == (0, 2, 1)
    assert taken(queue, 6) == []
    assert taken(queue, 7) == ["job-1"]


def test_what_was_removed_while_it_waited_does_not_come() -> None:
    queue = CallbackQueue(most=1)
    for number in (1, 2, 3):
        queue.add(callback(number), 0)
    queue.take(0)
    queue.remove("job-2")
    queue.remove("job-1")
    queue.remove("job-9")
    assert taken(queue, 0) == ["job-3"]
    assert queue.next_at() is None


actions = st.lists(st.tuples(st.sampled_from(["add", "remove", "again", "take"]), st.integers(0, 8), st.integers(0, 3)))


@given(actions)
def test_bounds_hold_and_nothing_is_lost(history: list[tuple[str, int, int]]) -> None:
    queue, active, known, now = CallbackQueue(most=3, most_each=2), dict[str, str](), set[str](), 0.0
    for what, number, receiver in history:
        job_id = f"job-{number}"
        match what:
            case "add":
                queue.add(callback(number, f"{receiver}.example"), now + receiver)
                known.add(job_id)
                active.pop(job_id, None)
            case "remove":
                queue.remove(job_id)
                known.discard(job_id)
                active.pop(job_id, None)
            case "again" if job_id in active:
                del active[job_id]
                queue.again(job_id, now + receiver, tried=True)
            case "take":
                now += receiver
                active |= {each.job_id: each.receiver for each in queue.take(now)}
        assert len(active) <= 3
        assert all(list(active.values()).count(name) <= 2 for name in active.values())
        assert len(queue) == len(known)
    active |= {each.job_id: each.receiver for each in queue.take(1e9)}
    while active:
        job_id, _ = active.popitem()
        queue.remove(job_id)
        known.discard(job_id)
        active |= {each.job_id: each.receiver for each in queue.take(1e9)}
    assert not known, "what is known comes in the end"
    assert len(queue) == 0
