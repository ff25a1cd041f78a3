"""Callbacks of a JobHost over the in-memory store: owed, delivered, taken over, superseded, given up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from actors.job.callback_policy import CallbackPolicy
from actors.job.callback_port import CallbackAnswer, Callbacks, NoSender
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.errors import FetchFailed
from cluster.marker import Operation, encode_marker
from cluster.record import JobStatus, Tombstone, decode
from tests.actors.job.callback_world import OK, SLOW, URL, Receiver, ended, standing, world_of
from tests.actors.job.host_world import HostWorld, crash, until


async def test_the_terminal_record_is_sent_as_stored_and_the_marker_goes() -> None:
    receiver = Receiver()
    world = world_of(receiver)
    host, marker = await ended(world, receiver)
    await world.ended(marker)
    ((callback, body),) = receiver.sent
    assert body == (await world.store.read(layout.record(marker.prefix))).data
    assert (callback.url, callback.webhook_id) == (URL, f"{marker.job_id}_1")
    assert b"geheim" not in body
    await until(lambda: host.courier.due == 0)
    assert host.info()["callbacks_delivered"] == 1
    await host.drain()


async def test_while_it_is_due_the_marker_says_so_without_the_password() -> None:
    receiver = Receiver(answers=[CallbackAnswer(500)])
    world = world_of(receiver, SLOW)
    host, marker = await ended(world, receiver)
    stood = await standing(world, marker)
    assert (stood.operation, stood.run, stood.password) == (Operation.CALLBACK, 1, None)
    assert stood.deliverer.startswith("c1/job-host-a-0/00000001/")
    assert b"geheim" not in (await world.store.read(layout.marker(marker.job_id))).data
    assert host.jobs == {}, "it takes no place among the live jobs"
    await until(lambda: host.info()["callbacks_failed"] == 1)
    assert host.info()["callbacks_due"] == 1
    await host.drain()


@pytest.mark.parametrize(
    "answer",
    [CallbackAnswer(500), CallbackAnswer(302), CallbackAnswer(404), FetchFailed("No answer."), ValueError("a bug")],
    ids=["500", "302", "404", "none", "bug"],
)
async def test_what_was_not_taken_is_sent_again_under_the_same_id(answer: CallbackAnswer | Exception) -> None:
    receiver = Receiver(answers=[answer, answer, CallbackAnswer(204)])
    world = world_of(receiver)
    host, marker = await ended(world, receiver)
    await world.ended(marker)
    assert receiver.ids == [f"{marker.job_id}_1"] * 3
    assert host.info()["callbacks_failed"] == 2
    await host.drain()


@pytest.mark.parametrize(
    ("answer", "policy"),
    [
        (CallbackAnswer(410), SLOW),
        (CallbackAnswer(500), replace(SLOW, give_up_after=timedelta(0))),
        (FetchFailed("No answer."), replace(SLOW, give_up_after=timedelta(0))),
    ],
    ids=["gone", "after a day", "never an answer"],
)
async def test_it_is_given_up(answer: CallbackAnswer | Exception, policy: CallbackPolicy) -> None:
    receiver = Receiver(answers=[answer])
    world = world_of(receiver, policy)
    host, marker = await ended(world, receiver)
    await world.ended(marker)
    assert len(receiver.sent) == 1
    assert (host.info()["callbacks_given_up"], host.info()["callbacks_delivered"]) == (1, 0)
    await host.drain()


async def test_a_host_that_starts_again_goes_on_at_once() -> None:
    receiver = Receiver(answers=[CallbackAnswer(500), OK])
    world = world_of(receiver, SLOW)
    host, marker = await ended(world, receiver)
    crash(host)
    again = world.host()
    await again.start()
    await world.ended(marker)
    assert receiver.ids == [f"{marker.job_id}_1"] * 2
    await again.drain()


async def test_a_host_that_died_between_record_and_marker() -> None:
    receiver = Receiver()
    world = world_of(receiver)
    owing = world.store.fail("replace", "active/*", FaultKind.SLOW)
    host = world.host()
    await host.start()
    marker = await world.accept(2, options={"callback_url": URL})
    await host.adopt(marker.job_id)
    await until(lambda: owing.hits > 0)
    crash(host)
    assert (await standing(world, marker)).operation is Operation.RUN
    assert receiver.sent == []
    owing.gate.set()
    again = world.host()
    await again.start()
    await world.ended(marker)
    assert receiver.ids == [f"{marker.job_id}_1"]
    await again.drain()


async def test_a_drained_host_lets_go_so_that_any_other_delivers_at_once() -> None:
    receiver = Receiver(answers=[CallbackAnswer(500), OK])
    world = world_of(receiver, SLOW)
    host, marker = await ended(world, receiver)
    await until(lambda: host.info()["callbacks_failed"] == 1)
    await host.drain()
    assert (await standing(world, marker)).deliverer == ""
    other = world.host(cluster="c2", name="job-host-b-0")
    await other.start()
    await world.ended(marker)
    assert len(receiver.sent) == 2
    await other.drain()


async def test_a_drain_waits_for_an_attempt_under_way() -> None:
    receiver = Receiver()
    receiver.gate.clear()
    world = world_of(receiver)
    host, marker = await ended(world, receiver)
    draining = asyncio.create_task(host.drain())
    await asyncio.sleep(0.1)
    receiver.gate.set()
    await draining
    assert not await world.marker_stands(marker)
    assert receiver.cancelled == 0


async def test_another_host_waits_until_the_deliverer_stands_still() -> None:
    receiver = Receiver(answers=[CallbackAnswer(500)])
    world = world_of(receiver, SLOW)
    host, marker = await ended(world, receiver)
    other = world.host(cluster="c2", name="job-host-b-0", beat_s=0.02)
    await other.start()
    await until(lambda: marker.job_id in other.intake.awaiting)
    assert len(receiver.sent) == 1
    receiver.answers = [OK]
    await world.ended(marker)  # the first beats every 10 s, which is long for an observer of 0.02 s
    assert len(receiver.sent) == 2
    await host.drain()
    await other.drain()


async def test_a_retry_replaces_what_is_due_by_the_callback_of_the_next_run() -> None:
    receiver = Receiver(answers=[CallbackAnswer(500), OK])
    world = world_of(receiver, SLOW)
    host, marker = await ended(world, receiver)
    await until(lambda: host.info()["callbacks_failed"] == 1)
    await world.order(marker, Operation.RUN, run=2)
    await host.notify(marker.job_id)
    record = await world.ended(marker)
    assert record.run == 2
    assert receiver.ids == [f"{marker.job_id}_1", f"{marker.job_id}_2"]
    sent = decode(receiver.sent[1][1])
    assert sent == record
    await host.drain()


async def test_a_deletion_stops_the_sending_before_it_is_durable() -> None:
    receiver = Receiver()
    receiver.gate.clear()
    world = world_of(receiver)
    host, marker = await ended(world, receiver, key="k")
    deleting = world.store.fail("replace", layout.record(marker.prefix), FaultKind.SLOW)
    await world.order(marker, Operation.DELETE)
    noticed = asyncio.create_task(host.notify(marker.job_id))
    await until(lambda: deleting.hits > 0)
    assert receiver.cancelled == 1
    deleting.gate.set()
    await noticed
    await world.deleted(marker)
    assert isinstance(await world.stored(marker), Tombstone)
    assert len(receiver.sent) == 1
    assert host.courier.due == 0
    await host.drain()


async def test_a_cancelled_job_is_sent_as_such() -> None:
    receiver = Receiver()
    world = world_of(receiver)
    world.ocr.open_until = 1
    host = world.host()
    await host.start()
    marker = await world.accept(4, options={"callback_url": URL})
    await host.adopt(marker.job_id)
    await until(lambda: world.ocr.waiting > 0)
    await world.order(marker, Operation.CANCEL)
    await host.notify(marker.job_id)
    record = await world.ended(marker)
    assert record.status is JobStatus.CANCELLED
    assert [decode(body) for _, body in receiver.sent] == [record]
    await host.drain()


async def test_a_marker_that_another_host_took_over_is_left_to_it() -> None:
    receiver = Receiver(answers=[CallbackAnswer(500)])
    world = world_of(receiver)
    host, marker = await ended(world, receiver)
    theirs = replace(await standing(world, marker), deliverer="c9/job-host-z-0/00000001/y")
    await world.store.put(layout.heartbeat("c9", "job-host-z-0", 1), b"{}")
    await world.store.put(layout.marker(marker.job_id), encode_marker(theirs))
    await until(lambda: marker.job_id in host.intake.awaiting)
    sent = len(receiver.sent)
    await asyncio.sleep(0.1)
    assert (len(receiver.sent), host.courier.due) == (sent, 0)
    assert await standing(world, marker) == theirs
    await host.drain()


async def test_a_store_that_is_away_costs_no_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.job.courier.STORE_PAUSE_S", 0.01)
    receiver = Receiver(answers=[CallbackAnswer(500), OK])
    receiver.gate.clear()
    world = world_of(receiver)
    host, marker = await ended(world, receiver)
    away = world.store.fail("read", "active/*", FaultKind.UNAVAILABLE, 5)
    receiver.gate.set()
    await until(lambda: away.hits >= 5)
    await world.ended(marker)
    assert host.info()["callbacks_failed"] == 1
    await host.drain()


async def test_the_sweep_leaves_alone_what_is_known_and_finds_what_is_not() -> None:
    receiver = Receiver(answers=[CallbackAnswer(500)])
    world = world_of(receiver, SLOW)
    host, marker = await ended(world, receiver)
    await until(lambda: host.info()["callbacks_failed"] == 1)
    reads = sum(op.operation == "read" and op.name.startswith("active/") for op in world.store.log)
    await host.sweep()
    await asyncio.sleep(0.02)
    assert sum(op.operation == "read" and op.name.startswith("active/") for op in world.store.log) == reads
    host.courier.forget(marker.job_id)
    receiver.answers = [OK]
    await host.sweep()
    await world.ended(marker)
    await host.drain()


async def test_more_than_a_host_keeps_wait_for_room() -> None:
    receiver = Receiver()
    receiver.gate.clear()
    world = world_of(receiver)
    host = world.host()
    host.courier._most_due = 1
    await host.start()
    markers = [await world.accept(1, options={"callback_url": URL}) for _ in range(3)]
    await host.adopt(markers[0].job_id)
    await until(lambda: len(receiver.sent) == 1)
    for marker in markers[1:]:
        await host.adopt(marker.job_id)
    await until(lambda: host.courier.due == 3)
    assert len(receiver.sent) == 1
    receiver.gate.set()
    for marker in markers:
        await world.ended(marker)
    assert len(receiver.sent) == 3
    await host.drain()


async def test_room_that_a_deletion_makes_is_found_by_the_sweep() -> None:
    receiver = Receiver(answers=[CallbackAnswer(500), OK])
    world = world_of(receiver, SLOW)
    host, first = await ended(world, receiver)
    await until(lambda: host.info()["callbacks_failed"] == 1)
    host.courier._most_due = 1
    second = await world.accept(1, options={"callback_url": URL})
    await host.adopt(second.job_id)
    await until(lambda: host.courier.due == 2)
    await host.sweep()
    assert len(receiver.sent) == 1, "there is no room yet"
    await world.store.put(layout.marker(first.job_id), encode_marker(first.deletion("user")))
    await host.notify(first.job_id)
    await until(lambda: host.courier.due == 1)
    await host.sweep()
    await world.ended(second)
    assert receiver.ids[-1] == f"{second.job_id}_1"
    await host.drain()


async def test_without_a_secret_it_waits_for_one() -> None:
    world = HostWorld(callbacks=Callbacks(NoSender(), SLOW))
    host = world.host()
    await host.start()
    marker = await world.accept(1, options={"callback_url": URL})
    await host.adopt(marker.job_id)
    await until(lambda: host.info()["callbacks_failed"] == 1)
    assert await world.marker_stands(marker)
    await host.drain()


async def test_the_log_tells_the_receiver_s_host_and_not_its_url(caplog: pytest.LogCaptureFixture) -> None:
    receiver = Receiver(answers=[CallbackAnswer(500), OK])
    world = world_of(receiver)
    with caplog.at_level("DEBUG"):
        host, marker = await ended(world, receiver)
        await world.ended(marker)
    told = [line for line in caplog.messages if line.startswith("callback")]
    assert any("failed: status 500" in line for line in told)
    assert any("delivered to receiver.example: 200" in line for line in told)
    assert not any("/done" in line for line in caplog.messages)
    await host.drain()
