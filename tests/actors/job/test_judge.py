"""The judge of simulated histories catches what it is there for: the real code, made wrong in one place at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actors.job import intake, job_actor, verdict
from actors.job.callback import Callback
from actors.job.courier import Courier
from actors.job.effects import SaveResult
from actors.job.events import ResultSaved, ResultSummary
from actors.job.heartbeat import OwnerWatch
from actors.job.intake import Intake
from actors.job.job_actor import JobActor
from actors.job.ledger import RecordLedger
from actors.job.marker_removal import remove_marker
from actors.job.pacing import SavePacer
from actors.job.page_work import PageDesk
from cluster import layout
from cluster.errors import Fenced
from cluster.marker import Marker, Operation
from tests.actors.job.simulation.moment import Gap, Watch
from tests.actors.job.simulation.network import Connection
from tests.actors.job.simulation.run import end
from tests.actors.job.simulation.script import Place
from tests.actors.job.simulation.world import World, world

PLACES = (Place("c1", "job-host-a-0"), Place("c2", "job-host-b-0"))

Story = Callable[[World], None]


def two_claim(made: World) -> None:
    """Two hosts are told at once."""
    lives = [made.begin(0), made.begin(1)]
    made.loop.run_for(1)
    made.accept(0, pages=2)
    made.loop.run_for(0.3)
    for life in lives:
        made.loop.start(life.process, life.host.adopt(made.markers[0].job_id))


def dies_after_a_result(made: World) -> None:
    made.begin(0)
    watch = Watch(made.markers[0])
    made.history.watchers.append(lambda act: _kill_all(made) if watch.gap(act) is Gap.RESULT else None)
    made.accept(0, pages=3, told=0)
    made.loop.run_for(30)


def _kill_all(made: World) -> None:
    if len(made.lives) == 1:
        made.kill(made.lives[0], back_after=1.0)


def is_robbed(made: World) -> None:
    """A host stands still, another takes over, the first comes back with a page just read."""
    made.pools.slowest_s = 10.0
    first = made.begin(0)
    made.begin(1)
    made.accept(0, pages=4, shut=[4], told=0)
    made.loop.run_for(3)
    made.stall(first, 100.0)
    made.loop.run_for(200)


def watches_a_neighbour(made: World) -> None:
    made.begin(0)
    made.begin(1)
    made.accept(0, pages=2, shut=[2], told=0)
    made.loop.run_for(200)


def reads_a_book(made: World) -> None:
    made.pools.slowest_s = 0.1
    made.begin(0)
    made.accept(0, pages=30, told=0)
    made.loop.run_for(60)


def is_cancelled(made: World) -> None:
    made.begin(0)
    made.accept(0, pages=3, shut=[3], told=0)
    made.loop.outside(20.0, lambda: made.order(0, Operation.CANCEL))
    made.loop.run_for(60)


def is_deleted(made: World) -> None:
    made.begin(0)
    made.accept(0, pages=3, shut=[3], told=0)
    made.loop.outside(20.0, lambda: made.order(0, Operation.DELETE))
    made.loop.run_for(60)


def ends_with_a_callback(made: World) -> None:
    """Its receiver takes nothing for a while, and the host dies meanwhile."""
    made.receivers.refusing = 1.0
    life = made.begin(0)
    made.accept(0, pages=2, told=0)
    made.loop.run_for(40)
    made.kill(life, back_after=1.0)
    made.loop.run_for(40)


def dies_before_its_callback_is_due(made: World) -> None:
    """The terminal record is stored, the marker says nothing of it yet."""
    made.begin(0)
    watch = Watch(made.markers[0])
    made.history.watchers.append(lambda act: _kill_all(made) if watch.gap(act) is Gap.TERMINAL else None)
    made.accept(0, pages=2, told=0)
    made.loop.run_for(60)


def is_deleted_elsewhere_with_a_callback(made: World) -> None:
    """Its receiver takes nothing, and another host deletes the job while the first still stands still."""
    made.receivers.refusing = 1.0
    first = made.begin(0)
    made.begin(1)
    made.accept(0, pages=2, told=0)
    made.loop.run_for(30)
    made.stall(first, 10.0)
    made.order(0, Operation.DELETE, told=1)
    made.loop.run_for(100)


async def _unlooked(self: Courier, callback: Callback) -> bytes | None:
    """Whether it is still due is not asked; the record is."""
    return (await self._services.blobs.read(layout.record(callback.prefix))).data


async def _given_up_at_once(self: Courier, callback: Callback, *_: object) -> tuple[float | None, bool]:
    await self._settle(callback)
    return None, True


async def _not_owed(blobs: Any, clock: Any, marker: Marker, generation: int, *_: object) -> None:
    await remove_marker(blobs, clock, marker.job_id, generation)


def _nothing_left(*_: object) -> verdict.Verdict:
    return verdict.RemoveMarker()


async def _unconditional(self: Connection, name: str, data: bytes, if_generation: int, *, durable: bool = True) -> int:
    return await self.put(name, data)


async def _overwriting(self: Connection, name: str, data: bytes, *, durable: bool = True) -> int:
    return await self.put(name, data)


async def _unsaved(self: PageDesk, effect: SaveResult) -> ResultSaved:
    return ResultSaved(effect.run, effect.page, effect.attempt, ResultSummary("ocr", "none", "0", 1.0, 0, 1))


async def _no_results(*_: object) -> dict[int, Any]:
    return {}


async def _never_fenced(*_: object) -> None:
    return None


async def _always_fenced(*_: object) -> None:
    raise Fenced


def _claim_everything(marker: Marker, found: Any, host: str, dead: frozenset[str]) -> verdict.Verdict:
    judged = verdict.judge(marker, found, host, dead)
    if isinstance(judged, verdict.AwaitOwner):
        return verdict.judge(marker, found, host, frozenset([judged.heartbeat]))
    return judged


def _deaf(*_: object) -> None:
    return None


WRONG: list[tuple[object, str, object, Story, str]] = [
    (Connection, "replace", _unconditional, two_claim, "came again|two processes|is not the next"),
    (Intake, "_results", _no_results, dies_after_a_result, "was read again"),
    (RecordLedger, "_landed", _never_fenced, is_robbed, "stopped JobActor|faults"),
    (RecordLedger, "verify", _always_fenced, watches_a_neighbour, "nobody had claimed"),
    (intake, "judge", _claim_everything, watches_a_neighbour, "which lives"),
    (OwnerWatch, "stands_still", lambda *_: True, watches_a_neighbour, "which lives"),
    (JobActor, "order", _deaf, is_cancelled, "an order was lost"),
    (JobActor, "order", _deaf, is_deleted, "an order was lost"),
    (SavePacer, "wait", lambda *_: 0.0, reads_a_book, "too many writes"),
    (Connection, "create", _overwriting, reads_a_book, "was replaced"),
    (PageDesk, "save", _unsaved, reads_a_book, "has no result"),
    (Courier, "_record", _unlooked, ends_with_a_callback, "nobody looked"),
    (Courier, "_record", _unlooked, is_deleted_elsewhere_with_a_callback, "nobody looked"),
    (Courier, "_failed", _given_up_at_once, ends_with_a_callback, "a callback was lost"),
    (job_actor, "owe_callback", _not_owed, ends_with_a_callback, "a callback was lost"),
    (verdict, "_delivery", _nothing_left, dies_before_its_callback_is_due, "a callback was lost"),
]


STORIES: tuple[Story, ...] = (
    two_claim,
    dies_after_a_result,
    is_robbed,
    watches_a_neighbour,
    reads_a_book,
    is_cancelled,
    is_deleted,
    ends_with_a_callback,
    dies_before_its_callback_is_due,
    is_deleted_elsewhere_with_a_callback,
)


@pytest.mark.parametrize(("where", "name", "wrong", "story", "message"), WRONG)
def test_it_catches(
    monkeypatch: pytest.MonkeyPatch, where: object, name: str, wrong: object, story: Story, message: str
) -> None:
    monkeypatch.setattr(where, name, wrong)
    with pytest.raises(AssertionError, match=message):
        _tell(story)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_sound_code_passes(story: Story) -> None:
    _tell(story)


def _tell(story: Story) -> None:
    with world(PLACES, callbacks=[0] if "callback" in story.__name__ else []) as made:
        story(made)
        made.calm()
        end(made)
